"""m2014_q4g: XNOR of two inputs, then XOR with the third."""

from itertl_eval.bench import Bench


def golden(i):
    return ~(i.in1 ^ i.in2) ^ i.in3


bench = Bench(golden, inputs={"in1": 1, "in2": 1, "in3": 1}, outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
