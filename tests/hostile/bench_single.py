"""single: an inverter of one bit."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: not i.a, inputs={"a": 1}, outputs={"y": 1})


@bench.case
def both_values(rng):
    return bench.random(rng, 20)
