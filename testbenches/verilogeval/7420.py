"""7420: two NAND gates of four inputs."""

from itertl_eval.bench import Bench


def golden(i):
    return {
        "p1y": 1 - (i.p1a & i.p1b & i.p1c & i.p1d),
        "p2y": 1 - (i.p2a & i.p2b & i.p2c & i.p2d),
    }


PINS = ["p1a", "p1b", "p1c", "p1d", "p2a", "p2b", "p2c", "p2d"]
bench = Bench(golden, inputs=dict.fromkeys(PINS, 1), outputs={"p1y": 1, "p2y": 1})


@bench.case
def first_gate(rng):
    for item in bench.every(*PINS[:4]):
        yield from ({**item, **dict.fromkeys(PINS[4:], other)} for other in (0, 1))


@bench.case
def second_gate(rng):
    for item in bench.every(*PINS[4:]):
        yield from ({**item, **dict.fromkeys(PINS[:4], other)} for other in (0, 1))


@bench.case
def both_gates(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200, **dict.fromkeys(PINS, 0.8))
