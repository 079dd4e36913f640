"""vectorr: bit order of a byte reversed."""

from itertl_eval.bench import Bench


def golden(i):
    return int(f"{i['in']:08b}"[::-1], 2)


bench = Bench(golden, inputs={"in": 8}, outputs={"out": 8})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
