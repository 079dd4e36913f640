"""hadd: half adder."""

from itertl_eval.bench import Bench


def golden(i):
    return {"sum": i.a ^ i.b, "cout": i.a & i.b}


bench = Bench(golden, inputs={"a": 1, "b": 1}, outputs={"sum": 1, "cout": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
