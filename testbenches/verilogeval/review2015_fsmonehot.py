"""review2015_fsmonehot: next-state and output logic of a one-hot pattern-and-timer machine."""

from itertl_eval.bench import Bench

STATES = ("S", "S1", "S11", "S110", "B0", "B1", "B2", "B3", "Count", "Wait")


def golden(i):
    at = {name: i.state >> bit & 1 for bit, name in enumerate(STATES)}
    return {
        "B3_next": at["B2"],
        "S_next": ~i.d & (at["S"] | at["S1"] | at["S110"]) | i.ack & at["Wait"],
        "S1_next": i.d & at["S"],
        "Count_next": at["B3"] | ~i.done_counting & at["Count"],
        "Wait_next": i.done_counting & at["Count"] | ~i.ack & at["Wait"],
        "done": at["Wait"],
        "counting": at["Count"],
        "shift_ena": at["B0"] | at["B1"] | at["B2"] | at["B3"],
    }


bench = Bench(
    golden,
    inputs={"d": 1, "done_counting": 1, "ack": 1, "state": 10},
    outputs={
        "B3_next": 1,
        "S_next": 1,
        "S1_next": 1,
        "Count_next": 1,
        "Wait_next": 1,
        "done": 1,
        "counting": 1,
        "shift_ena": 1,
    },
)


@bench.case
def one_hot_states(rng):
    for bit in range(len(STATES)):
        yield from bench.every("d", "done_counting", "ack", state=1 << bit)
        yield from bench.random(rng, 15, state=1 << bit)


@bench.case
def pairs_of_states(rng):
    """The equations hold bit by bit, so also with several state bits set."""
    for one in range(len(STATES)):
        for other in range(one):
            yield from bench.every("d", "done_counting", "ack", state=1 << one | 1 << other)


@bench.case
def any_state_vector(rng):
    yield from bench.every("d", "done_counting", "ack", state=0)
    yield from bench.random(rng, 400)
