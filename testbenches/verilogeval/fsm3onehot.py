"""fsm3onehot: next state and output of a four-state machine, one-hot by inspection."""

from itertl_eval.bench import Bench

NEXT = {"A": "AB", "B": "CB", "C": "AD", "D": "CB"}


def golden(i):
    """Each bit that is set contributes its transition, also where several or none are."""
    next_state = 0
    for k, state in enumerate("ABCD"):
        if i.state >> k & 1:
            next_state |= 1 << "ABCD".index(NEXT[state][i["in"]])
    return {"next_state": next_state, "out": i.state >> 3 & 1}


bench = Bench(golden, inputs={"in": 1, "state": 4}, outputs={"next_state": 4, "out": 1})


@bench.case
def one_hot_states(rng):
    return ({"in": bit, "state": 1 << k} for k in range(4) for bit in (0, 1))


@bench.case
def every_state_vector(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
