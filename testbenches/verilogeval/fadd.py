"""fadd: full adder."""

from itertl_eval.bench import Bench


def golden(i):
    total = i.a + i.b + i.cin
    return {"cout": total >> 1, "sum": total & 1}


bench = Bench(golden, inputs={"a": 1, "b": 1, "cin": 1}, outputs={"cout": 1, "sum": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
