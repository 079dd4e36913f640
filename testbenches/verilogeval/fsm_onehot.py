"""fsm_onehot: next state and two outputs of a ten-state machine, one-hot by inspection."""

from itertl_eval.bench import Bench

NEXT = [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (8, 6), (9, 7), (0, 7), (0, 1), (0, 1)]
OUT1 = 1 << 8 | 1 << 9
OUT2 = 1 << 7 | 1 << 9


def golden(i):
    """Each bit that is set contributes its transition, also where several or none are."""
    next_state = 0
    for k, successors in enumerate(NEXT):
        if i.state >> k & 1:
            next_state |= 1 << successors[i["in"]]
    return {
        "next_state": next_state,
        "out1": i.state & OUT1 != 0,
        "out2": i.state & OUT2 != 0,
    }


bench = Bench(
    golden,
    inputs={"in": 1, "state": 10},
    outputs={"next_state": 10, "out1": 1, "out2": 1},
)


@bench.case
def one_hot_states(rng):
    return ({"in": bit, "state": 1 << k} for k in range(10) for bit in (0, 1))


@bench.case
def two_states_or_none(rng):
    for bit in (0, 1):
        yield {"in": bit, "state": 0}
        yield from ({"in": bit, "state": 1 << j | 1 << k} for j in range(10) for k in range(j))


@bench.case
def every_state_vector(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
