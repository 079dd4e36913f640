"""m2014_q6c: next-state logic of two states, six states in one-hot code."""

from itertl_eval.bench import Bench

NEXT = {"A": "BA", "B": "CD", "C": "ED", "D": "FA", "E": "ED", "F": "CD"}


def golden(i):
    reached = {NEXT[state][i.w] for bit, state in enumerate("ABCDEF") if i.y >> bit & 1}
    return {"Y2": "B" in reached, "Y4": "D" in reached}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y2": 1, "Y4": 1})


@bench.case
def one_hot_states(rng):
    for bit in range(6):
        yield from bench.every("w", y=1 << bit)


def either_form(items):
    """The vectors for which ~y[1] & ~y[4] is the same as y[2] | y[3] | y[5] | y[6]."""
    return (i for i in items if bool(i["y"] & 0b110110) != bool(i["y"] & 0b001001))


@bench.case
def several_state_bits(rng):
    """The equations hold bit by bit, in either form."""
    return either_form(bench.every())


@bench.case
def random_order(rng):
    return either_form(bench.random(rng, 600))
