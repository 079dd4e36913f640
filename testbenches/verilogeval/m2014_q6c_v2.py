"""m2014_q6c as v2 judges it: one state at a time."""

import m2014_q6c

from itertl_eval.bench import Bench

bench = Bench(m2014_q6c.golden, inputs={"y": 6, "w": 1}, outputs={"Y2": 1, "Y4": 1})
one_hot_states = bench.case(m2014_q6c.bench.cases["one_hot_states"])


@bench.case
def random_order(rng):
    return bench.random(rng, 200, y=[1 << bit for bit in range(6)])
