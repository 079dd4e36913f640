"""mux256to1: multiplexer of 256 bits."""

from itertl_eval.bench import Bench

FULL = (1 << 256) - 1


def golden(i):
    return i["in"] >> i.sel


bench = Bench(golden, inputs={"in": 256, "sel": 8}, outputs={"out": 1})


@bench.case
def each_bit_alone(rng):
    """The selected bit set and all others clear, then the other way round."""
    for sel in range(256):
        yield {"sel": sel, "in": 1 << sel}
        yield {"in": FULL ^ 1 << sel}


@bench.case
def only_sel_changes(rng):
    yield from bench.random(rng, 1)
    yield from ({"sel": sel} for sel in rng.sample(range(256), 256))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 100)
