"""saturating_adder: signed 12-bit addition and subtraction with saturation."""

import itertools

from itertl_eval.bench import Bench

LOW, HIGH = -2048, 2047
CORNERS = (LOW, LOW + 1, -1025, -1024, -1, 0, 1, 1023, 1024, HIGH - 1, HIGH)


def signed(value):
    return value - 4096 if value >= 2048 else value


def golden(i):
    exact = signed(i.a) - signed(i.b) if i.subtract else signed(i.a) + signed(i.b)
    limited = min(max(exact, LOW), HIGH)
    return {"result": limited, "saturated": limited != exact}


bench = Bench(
    golden,
    inputs={"a": 12, "b": 12, "subtract": 1},
    outputs={"result": 12, "saturated": 1},
)


@bench.case
def add_corners(rng):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"a": a, "b": b, "subtract": 0}


@bench.case
def subtract_corners(rng):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"a": a, "b": b, "subtract": 1}


@bench.case
def around_the_limits(rng):
    """Operands whose sum or difference is within two of a limit."""
    for _ in range(300):
        subtract, b = rng.getrandbits(1), rng.randint(LOW, HIGH)
        target = rng.choice((LOW, HIGH)) + rng.randint(-2, 2)
        a = target + b if subtract else target - b
        yield {"a": min(max(a, LOW), HIGH), "b": b, "subtract": subtract}


@bench.case
def random_operands(rng):
    return bench.random(rng, 300)
