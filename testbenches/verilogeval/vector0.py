"""vector0: a 3-bit vector passed on whole and bit by bit."""

from itertl_eval.bench import Bench


def golden(i):
    return {"outv": i.vec, "o2": i.vec >> 2, "o1": i.vec >> 1, "o0": i.vec}


bench = Bench(golden, inputs={"vec": 3}, outputs={"outv": 3, "o2": 1, "o1": 1, "o0": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 60)
