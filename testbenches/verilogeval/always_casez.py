"""always_casez: priority encoder, position of the lowest set bit of eight."""

from itertl_eval.bench import Bench


def golden(i):
    value = i["in"]
    return (value & -value).bit_length() - 1 if value else 0


bench = Bench(golden, inputs={"in": 8}, outputs={"pos": 3})


@bench.case
def one_bit_or_none(rng):
    for bit in reversed(range(8)):
        yield from ({"in": 1 << bit}, {"in": 0})


@bench.case
def every_vector(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
