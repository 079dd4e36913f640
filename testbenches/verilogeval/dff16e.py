"""dff16e: 16-bit register with an enable per byte and a synchronous active-low reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        written = 0x00FF * (i.byteena & 1) | 0xFF00 * (i.byteena >> 1)
        self.q = i.d & written | self.q & ~written

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="!resetn",
    inputs={"resetn": 1, "byteena": 2, "d": 16},
    outputs={"q": 16},
)


@bench.case
def both_bytes(rng):
    return bench.corners(rng, resetn=1, byteena=3)


@bench.case
def one_byte_or_none(rng):
    return bench.random(rng, 80, resetn=1, byteena=(0, 1, 2))


@bench.case
def reset_whatever_is_enabled(rng):
    for byteena in range(4):
        yield {"resetn": 1, "byteena": 3, "d": 0xFFFF}
        yield {"resetn": 0, "byteena": byteena}


@bench.case
def pulses_between_clock_edges(rng):
    """Neither reset nor data may act without a clock edge."""
    for item in bench.random(rng, 30, resetn=1):
        yield item
        yield Hold(d=rng.getrandbits(16), byteena=3)
        yield Hold(resetn=0)
        yield Hold(resetn=1, d=item["d"] ^ 0xFFFF, byteena=3)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, resetn=0.06)
