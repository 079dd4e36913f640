"""2012_q2b: two next-state equations of a one-hot machine, for any state vector."""

from itertl_eval.bench import Bench


def golden(i):
    a, b, c, _d, e, f = (i.y >> k & 1 for k in range(6))
    return {"Y1": i.w & a, "Y3": (1 - i.w) & (b | c | e | f)}


bench = Bench(golden, inputs={"y": 6, "w": 1}, outputs={"Y1": 1, "Y3": 1})


@bench.case
def one_hot_states(rng):
    return ({"y": 1 << k, "w": w} for k in range(6) for w in (0, 1))


@bench.case
def every_state_vector(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
