"""vector2: byte order of a 32-bit word reversed."""

from itertl_eval.bench import Bench


def golden(i):
    return int.from_bytes(i["in"].to_bytes(4, "little"), "big")


bench = Bench(golden, inputs={"in": 32}, outputs={"out": 32})


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
