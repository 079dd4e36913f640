"""bugs_mux2: 2-to-1 multiplexer of 8-bit words."""

from itertl_eval.bench import Bench


# Erratum: the faulty code to be repaired gives a for sel=0; the published test gives b.
def golden(i):
    return i.a if i.sel else i.b


bench = Bench(golden, inputs={"sel": 1, "a": 8, "b": 8}, outputs={"out": 8})


@bench.case
def selects_a(rng):
    return bench.corners(rng, sel=1)


@bench.case
def selects_b(rng):
    return bench.corners(rng, sel=0)


@bench.case
def random_selections(rng):
    return bench.random(rng, 300)
