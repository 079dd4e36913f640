"""always_if: 2-to-1 multiplexer with two select bits, built twice."""

from itertl_eval.bench import Bench


def golden(i):
    chosen = i.b if i.sel_b1 and i.sel_b2 else i.a
    return {"out_assign": chosen, "out_always": chosen}


bench = Bench(
    golden,
    inputs={"a": 1, "b": 1, "sel_b1": 1, "sel_b2": 1},
    outputs={"out_assign": 1, "out_always": 1},
)


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
