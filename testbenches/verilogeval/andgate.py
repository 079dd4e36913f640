"""andgate: AND gate of two inputs."""

from itertl_eval.bench import Bench


def golden(i):
    return i.a & i.b


bench = Bench(golden, inputs={"a": 1, "b": 1}, outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
