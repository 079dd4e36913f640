"""multi_8bit: unsigned product."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: i.A * i.B, inputs={"A": 8, "B": 8}, outputs={"product": 16})


@bench.case
def single_bits(rng):
    for a in range(8):
        for b in range(8):
            yield {"A": 1 << a, "B": 1 << b}


@bench.case
def extremes(rng):
    for a in (0, 1, 127, 128, 254, 255):
        for b in (0, 1, 127, 128, 254, 255):
            yield {"A": a, "B": b}


@bench.case
def random_operands(rng):
    return bench.random(rng, 400)
