"""popcount3: number of ones among three bits."""

from itertl_eval.bench import Bench


def golden(i):
    return i["in"].bit_count()


bench = Bench(golden, inputs={"in": 3}, outputs={"out": 2})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
