"""always_case2: priority encoder, position of the lowest set bit of four."""

from itertl_eval.bench import Bench


def golden(i):
    value = i["in"]
    return (value & -value).bit_length() - 1 if value else 0


bench = Bench(golden, inputs={"in": 4}, outputs={"pos": 2})


@bench.case
def one_bit_or_none(rng):
    return ({"in": value} for value in (8, 0, 4, 0, 2, 0, 1, 0))


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
