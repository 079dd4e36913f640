"""2012_q2b: two next-state equations of a one-hot machine."""

from itertl_eval.bench import Bench


def golden(i):
    a, b, c, _d, e, f = (i.y >> k & 1 for k in range(6))
    return {"Y1": i.w & a, "Y3": (1 - i.w) & (b | c | e | f)}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y1": 1, "Y3": 1})


@bench.case
def one_hot_states(rng):
    return ({"y": 1 << k, "w": w} for k in range(6) for w in (0, 1))


def either_form(items):
    """The vectors for which ~y[0] & ~y[3] is the same as y[1] | y[2] | y[4] | y[5]."""
    return (i for i in items if bool(i["y"] & 0b110110) != bool(i["y"] & 0b001001))


@bench.case
def several_state_bits(rng):
    """The equations hold bit by bit, in either form."""
    return either_form(bench.every())


@bench.case
def random_order(rng):
    return either_form(bench.random(rng, 400))
