"""pipelined_adder: 32-bit addition in two stages, with tags and a flush."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.middle = self.out = None

    def edge(self, i):
        self.out = None if i.flush else self.middle
        self.middle = (i.in_tag, i.a + i.b + i.carry_in) if i.in_valid else None

    def outputs(self, i):
        tag, total = self.out or (None, None)
        carry = total >> 32 if self.out else None
        return {"out_valid": bool(self.out), "out_tag": tag, "sum": total, "carry_out": carry}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    asynchronous=True,
    inputs={
        **{"rst": 1, "flush": 1, "in_valid": 1, "in_tag": 4},
        **{"a": 32, "b": 32, "carry_in": 1},
    },
    outputs={"out_valid": 1, "out_tag": 4, "sum": 32, "carry_out": 1},
)


@bench.case
def one_addition_alone(rng):
    yield {"in_valid": 1, "in_tag": 9, "a": 0x1234_5678, "b": 0x1111_1111, "carry_in": 0}
    yield from bench.random(rng, 5, rst=0, flush=0, in_valid=0)


@bench.case
def carries(rng):
    """Through the middle, out of the top, and all the way from the carry input."""
    for a, b in (
        *((0xFFFF_FFFF, 0), (0xFFFF_FFFF, 0xFFFF_FFFF), (0x0000_FFFF, 0), (0x0000_FFFF, 1)),
        *((0x8000_0000, 0x8000_0000), (0x0000_8000, 0x0000_8000), (0xFFFF_0000, 0x0001_0000)),
        *((0x7FFF_FFFF, 1), (0, 0), (0x5555_5555, 0xAAAA_AAAA)),
    ):
        for carry in (0, 1):
            yield {"flush": 0, "in_valid": 1, "in_tag": carry, "a": a, "b": b, "carry_in": carry}
    yield from bench.corners(rng, rst=0, flush=0, in_valid=1)


@bench.case
def flushes(rng):
    """Every pattern of four flushes and four valid inputs."""
    for pattern in range(256):
        flush, valid = pattern >> pattern % 4 & 1, pattern >> (4 + pattern % 4) & 1
        yield from bench.random(rng, 1, rst=0, flush=flush, in_valid=valid)
    yield from ({"flush": 0, "in_valid": 0} for _ in range(3))


@bench.case
def reset_acts_at_once(rng):
    for filled in (1, 2, 3):
        yield from bench.random(rng, filled, rst=0, flush=0, in_valid=1)
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield {"in_valid": 0}
        yield {}
        yield {"in_valid": 1, "rst": 1}
        yield {"in_valid": 0, "rst": 0}
        yield {}


@bench.case
def random_traffic(rng):
    return bench.random(rng, 300, rst=0.02, flush=0.15, in_valid=0.7)
