"""vectorgates: bitwise OR, logical OR and complement of two 3-bit vectors."""

from itertl_eval.bench import Bench


def golden(i):
    return {
        "out_or_bitwise": i.a | i.b,
        "out_or_logical": bool(i.a or i.b),
        "out_not": (~i.b & 7) << 3 | ~i.a & 7,
    }


bench = Bench(
    golden,
    inputs={"a": 3, "b": 3},
    outputs={"out_or_bitwise": 3, "out_or_logical": 1, "out_not": 6},
)


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
