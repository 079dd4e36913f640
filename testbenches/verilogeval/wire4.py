"""wire4: three inputs wired to four outputs."""

from itertl_eval.bench import Bench


def golden(i):
    return {"w": i.a, "x": i.b, "y": i.b, "z": i.c}


bench = Bench(golden, inputs={"a": 1, "b": 1, "c": 1}, outputs={"w": 1, "x": 1, "y": 1, "z": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
