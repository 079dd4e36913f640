"""gatesv as v2's spec-to-rtl asks for it: all outputs have four bits, two bits are left open."""

from itertl_eval.bench import Bench, Care


def golden(i):
    value = i["in"]
    left = value >> 1 | (value & 1) << 3  # bit k: the neighbour of higher index, wrapped
    return {
        "out_both": Care(value & left, 0b0111),  # bit 3 has no neighbour
        "out_any": Care(value | value << 1, 0b1110),  # nor has bit 0
        "out_different": value ^ left,
    }


bench = Bench(
    golden,
    inputs={"in": 4},
    outputs={"out_both": 4, "out_any": 4, "out_different": 4},
)


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
