"""pipelined_multiplier: 16 x 16 bits, signed or unsigned, three stages with a stall."""

import itertools

from itertl_eval.bench import Bench, Hold, Model

CORNERS = (0x0000, 0x0001, 0x7FFF, 0x8000, 0x8001, 0xFFFF)


class Golden(Model):
    def reset(self):
        self.stages = [None, None, None]

    def edge(self, i):
        if not i.stall:
            a, b = ((x ^ 0x8000) - 0x8000 if i.in_signed else x for x in (i.a, i.b))
            self.stages = [a * b if i.in_valid else None, *self.stages[:2]]

    def outputs(self, i):
        return {"out_valid": self.stages[2] is not None, "product": self.stages[2]}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "stall": 1, "in_valid": 1, "in_signed": 1, "a": 16, "b": 16},
    outputs={"out_valid": 1, "product": 32},
)
IDLE = {"stall": 0, "in_valid": 0}


@bench.case
def one_pair_alone(rng):
    """Latency: valid for one cycle, three edges after it was taken in."""
    yield {"stall": 0, "in_valid": 1, "in_signed": 0, "a": 300, "b": 500}
    yield from bench.random(rng, 6, rst_n=0.0, **IDLE)


@bench.case
def unsigned_corners(rng):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"stall": 0, "in_valid": 1, "in_signed": 0, "a": a, "b": b}
    yield from (IDLE for _ in range(4))


@bench.case
def signed_corners(rng):
    for a, b in itertools.product(CORNERS, CORNERS):
        yield {"stall": 0, "in_valid": 1, "in_signed": 1, "a": a, "b": b}
    yield from (IDLE for _ in range(4))


@bench.case
def stalls(rng):
    """Every pattern of five stalls while pairs stream in."""
    for pattern in range(32):
        for k in range(5):
            yield from bench.random(rng, 1, rst_n=0.0, stall=pattern >> k & 1, in_valid=0.8)


@bench.case
def reset_in_traffic(rng):
    """Synchronous; with any number of stages filled; with stall asserted."""
    for filled in range(1, 5):
        yield from bench.random(rng, filled, rst_n=0.0, stall=0, in_valid=1)
        yield Hold(rst_n=0)
        yield Hold(rst_n=1)
        yield {"rst_n": 0, "stall": filled & 1, "in_valid": 1}
        yield from ({"rst_n": 1, **IDLE} for _ in range(4))


@bench.case
def random_traffic(rng):
    return bench.random(rng, 400, rst_n=0.02, stall=0.25, in_valid=0.7)
