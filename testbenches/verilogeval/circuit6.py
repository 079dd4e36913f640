"""circuit6: table of eight 16-bit words, read from a waveform."""

from itertl_eval.bench import Bench

WORDS = [0x1232, 0xAEE0, 0x27D4, 0x5A0E, 0x2066, 0x64CE, 0xC526, 0x2F19]


def golden(i):
    return WORDS[i.a]


bench = Bench(golden, inputs={"a": 3}, outputs={"q": 16})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
