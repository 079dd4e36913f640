"""gatesv100 as v2's spec-to-rtl asks for it: a hundred bits each, the two odd ones are zero."""

from itertl_eval.bench import Bench


def golden(i):
    value = i["in"]
    left = value >> 1 | (value & 1) << 99  # bit k: the neighbour of higher index, wrapped
    return {
        "out_both": value & value >> 1,  # shifting leaves a zero in bit 99
        "out_any": (value | value << 1) & ~1,
        "out_different": value ^ left,
    }


bench = Bench(
    golden,
    inputs={"in": 100},
    outputs={"out_both": 100, "out_any": 100, "out_different": 100},
)


@bench.case
def none_all_one_set_one_clear(rng):
    return bench.corners(rng)


@bench.case
def walking_pair(rng):
    return ({"in": 0b11 << k} for k in range(99))


@bench.case
def ends_of_the_vector(rng):
    """The four combinations of the outermost bits: what wraps around and what does not."""
    middle = ((1 << 98) - 1) << 1
    for ends in (0, 1, 1 << 99, 1 << 99 | 1):
        yield from ({"in": ends | rng.getrandbits(100) & middle} for _ in range(5))
        yield from ({"in": ends}, {"in": ends | middle})


@bench.case
def random_vectors(rng):
    return bench.random(rng, 200)
