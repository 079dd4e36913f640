"""mux256to1v: multiplexer of 256 words of four bits."""

from itertl_eval.bench import Bench

FULL = (1 << 1024) - 1


def golden(i):
    return i["in"] >> 4 * i.sel


bench = Bench(golden, inputs={"in": 1024, "sel": 8}, outputs={"out": 4})


@bench.case
def each_word_alone(rng):
    """The selected word all ones and the rest zero, then the other way round."""
    for sel in range(256):
        yield {"sel": sel, "in": 15 << 4 * sel}
        yield {"in": FULL ^ 15 << 4 * sel}


@bench.case
def only_sel_changes(rng):
    yield from bench.random(rng, 1)
    yield from ({"sel": sel} for sel in rng.sample(range(256), 256))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 100)
