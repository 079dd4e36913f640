"""fsm3onehot as v2 judges it: one state at a time."""

import fsm3onehot

from itertl_eval.bench import Bench

bench = Bench(fsm3onehot.golden, inputs=fsm3onehot.bench.inputs, outputs=fsm3onehot.bench.outputs)
one_hot_states = bench.case(fsm3onehot.bench.cases["one_hot_states"])


@bench.case
def random_order(rng):
    return bench.random(rng, 200, state=[1 << bit for bit in range(4)])
