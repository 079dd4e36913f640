"""m2014_q6b as v2's spec-to-rtl names it: the output is Y1, the state y[2:0]."""

from itertl_eval.bench import Bench

NEXT = {"A": "BA", "B": "CD", "C": "ED", "D": "FA", "E": "ED", "F": "CD"}
STATES = "ABCDEF"


def golden(i):
    if i.y >= len(STATES):
        return None  # no state has this code
    return STATES.index(NEXT[STATES[i.y]][i.w]) >> 1


bench = Bench(golden, inputs={"y": 3, "w": 1}, outputs={"Y1": 1})


@bench.case
def every_state(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 100)
