"""step_one: constant high output."""

from itertl_eval.bench import Bench


def golden(_inputs):
    return 1


bench = Bench(golden, outputs={"one": 1})


@bench.case
def stays_high(rng):
    return [{}] * 20
