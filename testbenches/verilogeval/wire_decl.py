"""wire_decl: two AND gates into an OR, with an inverted copy."""

from itertl_eval.bench import Bench


def golden(i):
    out = i.a & i.b | i.c & i.d
    return {"out": out, "out_n": ~out}


bench = Bench(golden, inputs={"a": 1, "b": 1, "c": 1, "d": 1}, outputs={"out": 1, "out_n": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
