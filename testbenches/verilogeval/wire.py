"""wire: a wire."""

from itertl_eval.bench import Bench


def golden(i):
    return i["in"]


bench = Bench(golden, inputs={"in": 1}, outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
