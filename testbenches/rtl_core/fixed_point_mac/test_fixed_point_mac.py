"""fixed_point_mac: Q1.15 multiply-accumulate with rounding and saturation of the result."""

import itertools

from itertl_eval.bench import Bench, Hold, Model

CORNERS = (0x8000, 0x8001, 0xFFFF, 0x0000, 0x0001, 0x4000, 0x7FFF)


def signed(value, width):
    sign = 1 << (width - 1)
    return ((value & (2 * sign - 1)) ^ sign) - sign


class Golden(Model):
    def reset(self):
        self.sum = 0

    def edge(self, i):
        if i.valid:
            product = signed(i.a, 16) * signed(i.b, 16)
            total = product if i.first else self.sum + product
            self.sum = signed(total, 36)

    def outputs(self, i):
        rounded = (self.sum + (1 << 14)) // (1 << 15)
        result = min(max(rounded, -0x8000), 0x7FFF)
        return {"sum": self.sum, "result": result, "saturated": result != rounded}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "valid": 1, "first": 1, "a": 16, "b": 16},
    outputs={"sum": 36, "result": 16, "saturated": 1},
)


@bench.case
def single_products(rng):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"valid": 1, "first": 1, "a": a, "b": b}


@bench.case
def rounding(rng):
    """Sums just below, at and above a half, on both sides of zero and of the limits."""
    for high in (0, 1, -1, 5, -6, 0x7FFE, 0x7FFF, -0x8000, -0x7FFF):
        for low in (-0x4001, -0x4000, -0x3FFF, 0, 1, 0x3FFF, 0x4000, 0x4001):
            yield {"valid": 1, "first": 1, "a": high, "b": 0x4000}
            yield {"first": 0}
            yield {"a": low, "b": 1}


@bench.case
def up_to_saturation(rng):
    """Through the positive limit, round the accumulator's end, and the same downwards."""
    for a, b in ((0x8000, 0x8000), (0x7FFF, 0x7FFF), (0x8000, 0x7FFF)):
        yield {"valid": 1, "first": 1, "a": a, "b": b}
        yield from ({"first": 0} for _ in range(40))


@bench.case
def rounding_at_the_end_of_the_accumulator(rng):
    """The greatest sums, less than half a step of the result below the wrap."""
    yield from ({"valid": 1, "first": n == 0, "a": 0x8000, "b": 0x8000} for n in range(31))
    yield {"a": 0x7FFF, "b": 0x7FFF}
    for a in (0x7FFF, 0x7000, 0x0FFD, 1, 1):
        yield {"a": a, "b": 1}


@bench.case
def holds_without_valid(rng):
    yield {"valid": 1, "first": 1, "a": 0x1234, "b": 0x5678}
    yield from bench.random(rng, 20, rst=0, valid=0)
    yield {"valid": 1, "first": 0}


@bench.case
def reset_in_a_sum(rng):
    yield from bench.random(rng, 5, rst=0, valid=1, first=0)
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield {"valid": 1, "first": 0}
    yield {"rst": 1}
    yield {"rst": 0}


@bench.case
def random_sums(rng):
    yield from bench.random(rng, 200, rst=0.02, valid=0.8, first=0.1)
    for _ in range(200):  # around the rounding point of small sums
        a, b = rng.randrange(-300, 300), rng.randrange(-300, 300)
        yield {"rst": 0, "valid": 1, "first": rng.random() < 0.2, "a": a, "b": b}
