"""m2014_q4j: adder of two 4-bit numbers with the carry as fifth bit."""

from itertl_eval.bench import Bench


def golden(i):
    return i.x + i.y


bench = Bench(golden, inputs={"x": 4, "y": 4}, outputs={"sum": 5})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
