"""vector1: a half-word split into two bytes."""

from itertl_eval.bench import Bench


def golden(i):
    return {"out_hi": i["in"] >> 8, "out_lo": i["in"]}


bench = Bench(golden, inputs={"in": 16}, outputs={"out_hi": 8, "out_lo": 8})


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
