"""m2014_q4i: constant low output."""

from itertl_eval.bench import Bench


def golden(_inputs):
    return 0


bench = Bench(golden, outputs={"out": 1})


@bench.case
def stays_low(rng):
    return [{}] * 20
