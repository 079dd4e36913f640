"""7458: two AND-OR gates, one of 3-input and one of 2-input ANDs."""

from itertl_eval.bench import Bench


def golden(i):
    return {
        "p1y": (i.p1a & i.p1b & i.p1c) | (i.p1d & i.p1e & i.p1f),
        "p2y": (i.p2a & i.p2b) | (i.p2c & i.p2d),
    }


ONE = ["p1a", "p1b", "p1c", "p1d", "p1e", "p1f"]
TWO = ["p2a", "p2b", "p2c", "p2d"]
bench = Bench(golden, inputs=dict.fromkeys(ONE + TWO, 1), outputs={"p1y": 1, "p2y": 1})


@bench.case
def three_input_ands(rng):
    for item in bench.every(*ONE):
        yield from ({**item, **dict.fromkeys(TWO, other)} for other in (0, 1))


@bench.case
def two_input_ands(rng):
    for item in bench.every(*TWO):
        yield from ({**item, **dict.fromkeys(ONE, other)} for other in (0, 1))


@bench.case
def both_gates(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300, **dict.fromkeys(ONE, 0.7))
