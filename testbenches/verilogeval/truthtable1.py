"""truthtable1: three-input function given as a table."""

from itertl_eval.bench import Bench

F = (0, 0, 1, 1, 0, 1, 0, 1)


def golden(i):
    return F[i.x3 << 2 | i.x2 << 1 | i.x1]


bench = Bench(golden, inputs={"x3": 1, "x2": 1, "x1": 1}, outputs={"f": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
