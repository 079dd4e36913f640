"""gates100: AND, OR and XOR of a hundred bits."""

from itertl_eval.bench import Bench

ALL = (1 << 100) - 1


def golden(i):
    value = i["in"]
    return {"out_and": value == ALL, "out_or": value != 0, "out_xor": value.bit_count() & 1}


bench = Bench(golden, inputs={"in": 100}, outputs={"out_and": 1, "out_or": 1, "out_xor": 1})


@bench.case
def none_all_one_set_one_clear(rng):
    return bench.corners(rng)


@bench.case
def growing_from_the_right(rng):
    return ({"in": (1 << width) - 1} for width in range(101))


@bench.case
def random_vectors(rng):
    return bench.random(rng, 300)
