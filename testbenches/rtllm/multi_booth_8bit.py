"""multi_booth_8bit: signed product, ready seventeen cycles after the reset that loads it.

The operands are loaded when the reset rises, and again at each clock edge in reset.
"""

from itertl_eval.bench import Bench, Hold, Model


def signed(value):
    return value - 256 * (value >> 7)


class Golden(Model):
    """The reset is an input like any other here, for it also loads the operands."""

    def __init__(self):
        self.count, self.held = None, 0

    def load(self, i):
        self.count, self.product = 0, signed(i.a) * signed(i.b)

    def settle(self, i):
        if i.reset and not self.held:
            self.load(i)
        self.held = i.reset

    def edge(self, i):
        if i.reset:
            self.load(i)
        elif self.count is not None:
            self.count = min(self.count + 1, 17)

    def outputs(self, i):
        if self.count is None:
            return {"p": None, "rdy": None}
        ready = self.count == 17
        return {"p": self.product if ready else None, "rdy": ready}


bench = Bench(
    Golden,
    clock="clk",
    inputs={"reset": 1, "a": 8, "b": 8},
    outputs={"p": 16, "rdy": 1},
)


def multiply(a, b, wait=3):
    """Operands are stable for two cycles of reset and change afterwards."""
    yield from [{"reset": 1, "a": a, "b": b}] * 2
    yield {"reset": 0}
    yield {"a": ~a & 255, "b": ~b & 255}
    yield from [{}] * (15 + wait)


@bench.case
def extremes(rng):
    for a in (0, 1, 2, 127, 128, 255):
        for b in (0, 1, 127, 128, 255):
            yield from multiply(a, b)


@bench.case
def random_products(rng):
    for _ in range(40):
        yield from multiply(rng.getrandbits(8), rng.getrandbits(8), rng.randrange(6))


@bench.case
def a_reset_between_two_edges(rng):
    for _ in range(4):
        yield {"reset": 0}
        a, b = rng.getrandbits(8), rng.getrandbits(8)
        yield Hold(a=a, b=b)
        yield Hold(reset=1)
        yield Hold(reset=0)
        yield {"a": ~a & 255, "b": ~b & 255}
        yield from [{}] * 18


@bench.case
def interrupted(rng):
    for length in range(1, 18):
        yield from [{"reset": 1, "a": length, "b": 85}] * 2
        yield from [{"reset": 0}] * length
        yield from multiply(rng.getrandbits(8), rng.getrandbits(8))
