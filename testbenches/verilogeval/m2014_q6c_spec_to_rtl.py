"""m2014_q6c as v2's spec-to-rtl names it: the outputs are Y1 and Y3, the state y[5:0]."""

from itertl_eval.bench import Bench

NEXT = {"A": "BA", "B": "CD", "C": "ED", "D": "FA", "E": "ED", "F": "CD"}


def golden(i):
    reached = {NEXT[state][i.w] for bit, state in enumerate("ABCDEF") if i.y >> bit & 1}
    return {"Y1": "B" in reached, "Y3": "D" in reached}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y1": 1, "Y3": 1})


@bench.case
def one_hot_states(rng):
    for bit in range(6):
        yield from bench.every("w", y=1 << bit)


@bench.case
def all_state_vectors(rng):
    """The equations hold bit by bit, so also with no state bit or several of them set."""
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
