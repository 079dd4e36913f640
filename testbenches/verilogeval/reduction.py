"""reduction: even parity of a byte."""

from itertl_eval.bench import Bench


def golden(i):
    return i["in"].bit_count() & 1


bench = Bench(golden, inputs={"in": 8}, outputs={"parity": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
