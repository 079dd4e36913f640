"""m2014_q4e: two-input NOR gate."""

from itertl_eval.bench import Bench


def golden(i):
    return ~(i.in1 | i.in2)


bench = Bench(golden, inputs={"in1": 1, "in2": 1}, outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
