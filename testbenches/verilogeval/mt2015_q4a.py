"""mt2015_q4a: two-input function that is 1 for x alone."""

from itertl_eval.bench import Bench


def golden(i):
    return (i.x ^ i.y) & i.x


bench = Bench(golden, inputs={"x": 1, "y": 1}, outputs={"z": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
