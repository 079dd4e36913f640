"""mt2015_q4b: two-input function read off a waveform."""

from itertl_eval.bench import Bench

WAVEFORM = {(0, 0): 1, (0, 1): 0, (1, 0): 0, (1, 1): 1}


def golden(i):
    return WAVEFORM[i.x, i.y]


bench = Bench(golden, inputs={"x": 1, "y": 1}, outputs={"z": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
