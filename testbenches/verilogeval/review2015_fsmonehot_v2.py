"""review2015_fsmonehot as v2 judges it: one state at a time, or none."""

import review2015_fsmonehot as v1

from itertl_eval.bench import Bench

bench = Bench(v1.golden, inputs=v1.bench.inputs, outputs=v1.bench.outputs)
one_hot_states = bench.case(v1.bench.cases["one_hot_states"])


@bench.case
def no_state(rng):
    return bench.every("d", "done_counting", "ack", state=0)


@bench.case
def random_order(rng):
    return bench.random(rng, 300, state=[1 << bit for bit in range(10)])
