"""circuit4: OR of two of the four inputs, read from a waveform."""

from itertl_eval.bench import Bench


def golden(i):
    return i.b | i.c


bench = Bench(golden, inputs=dict.fromkeys("abcd", 1), outputs={"q": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
