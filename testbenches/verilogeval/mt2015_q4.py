"""mt2015_q4: two pairs of small blocks, joined by OR and AND, then XOR."""

from itertl_eval.bench import Bench


def block_a(x, y):
    return (x ^ y) & x


def block_b(x, y):
    return x == y


def golden(i):
    a, b = block_a(i.x, i.y), block_b(i.x, i.y)
    return (a | b) ^ (a & b)


bench = Bench(golden, inputs={"x": 1, "y": 1}, outputs={"z": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
