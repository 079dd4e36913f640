"""circuit5: multiplexer with a constant as its default, read from a waveform."""

from itertl_eval.bench import Bench


def golden(i):
    return {0: i.b, 1: i.e, 2: i.a, 3: i.d}.get(i.c, 0xF)


bench = Bench(golden, inputs=dict.fromkeys("abcde", 4), outputs={"q": 4})


@bench.case
def selected_inputs(rng):
    for c in range(4):
        yield from bench.corners(rng, c=c)


@bench.case
def constant_for_the_rest(rng):
    for c in range(4, 16):
        yield from bench.random(rng, 10, c=c)


@bench.case
def random_selections(rng):
    yield from bench.random(rng, 200)
    yield from bench.random(rng, 200, c=range(6))
