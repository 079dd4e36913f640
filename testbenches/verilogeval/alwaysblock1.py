"""alwaysblock1: AND gate, built twice."""

from itertl_eval.bench import Bench


def golden(i):
    return {"out_assign": i.a & i.b, "out_alwaysblock": i.a & i.b}


bench = Bench(
    golden,
    inputs={"a": 1, "b": 1},
    outputs={"out_assign": 1, "out_alwaysblock": 1},
)


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
