"""mt2015_eq2: equality of two 2-bit numbers."""

from itertl_eval.bench import Bench


def golden(i):
    return i.A == i.B


bench = Bench(golden, inputs={"A": 2, "B": 2}, outputs={"z": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 100)
