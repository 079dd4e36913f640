"""vector100r: bit order of a 100-bit vector reversed."""

from itertl_eval.bench import Bench


def golden(i):
    return int(f"{i['in']:0100b}"[::-1], 2)


bench = Bench(golden, inputs={"in": 100}, outputs={"out": 100})


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 100)
