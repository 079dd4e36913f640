"""simple_alu: eight operations on bytes, with carry, overflow, zero and negative flags."""

import itertools

from itertl_eval.bench import Bench

CORNERS = (0x00, 0x01, 0x02, 0x7E, 0x7F, 0x80, 0x81, 0xAA, 0xFE, 0xFF)


def signed(byte):
    return byte - 256 if byte >= 128 else byte


def golden(i):
    a, b = i.a, i.b
    y, carry, exact = [
        lambda: (a + b, a + b > 255, signed(a) + signed(b)),
        lambda: (a - b, a < b, signed(a) - signed(b)),
        lambda: (a & b, 0, 0),
        lambda: (a | b, 0, 0),
        lambda: (a ^ b, 0, 0),
        lambda: (a << 1, a >> 7, 0),
        lambda: (a >> 1, a & 1, 0),
        lambda: (signed(a) < signed(b), 0, 0),
    ][i.op]()
    y = int(y) & 0xFF
    return {
        "y": y,
        "carry": carry,
        "overflow": not -128 <= exact <= 127,
        "zero": y == 0,
        "negative": y >> 7,
    }


bench = Bench(
    golden,
    inputs={"a": 8, "b": 8, "op": 3},
    outputs={"y": 8, "carry": 1, "overflow": 1, "zero": 1, "negative": 1},
)


def corners_of(op):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"a": a, "b": b, "op": op}


@bench.case
def add(rng):
    yield from corners_of(0)
    yield from bench.random(rng, 40, op=0)


@bench.case
def subtract(rng):
    yield from corners_of(1)
    yield from bench.random(rng, 40, op=1)


@bench.case
def logic_operations(rng):
    for op in (2, 3, 4):
        yield from bench.random(rng, 40, op=op)
        yield {"a": 0x0F, "b": 0xF0}


@bench.case
def shifts(rng):
    for op in (5, 6):
        yield from bench.corners(rng, op=op)


@bench.case
def signed_compare(rng):
    return corners_of(7)


@bench.case
def random_operations(rng):
    return bench.random(rng, 300)
