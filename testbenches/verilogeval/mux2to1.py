"""mux2to1: one-bit multiplexer of two inputs."""

from itertl_eval.bench import Bench


def golden(i):
    return i.b if i.sel else i.a


bench = Bench(golden, inputs={"a": 1, "b": 1, "sel": 1}, outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
