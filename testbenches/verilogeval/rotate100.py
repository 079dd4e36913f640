"""rotate100: 100-bit register with load, rotation to the left and to the right."""

from itertl_eval.bench import Bench, Hold, Model

WIDTH = 100
FULL = (1 << WIDTH) - 1


class Golden(Model):
    def __init__(self):
        self.q = None

    def edge(self, i):
        if i.load:
            self.q = i.data
        elif self.q is not None and i.ena == 1:
            self.q = self.q >> 1 | (self.q & 1) << (WIDTH - 1)
        elif self.q is not None and i.ena == 2:
            self.q = self.q << 1 & FULL | self.q >> (WIDTH - 1)

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    inputs={"load": 1, "ena": 2, "data": WIDTH},
    outputs={"q": WIDTH},
)


@bench.case
def rotates_right_all_the_way(rng):
    yield {"load": 1, "ena": 1, "data": 1}
    yield from [{"load": 0}] * (WIDTH + 2)


@bench.case
def rotates_left_all_the_way(rng):
    yield {"load": 1, "ena": 2, "data": FULL ^ 1}
    yield from [{"load": 0}] * (WIDTH + 2)


@bench.case
def loads_whatever_is_enabled(rng):
    yield from bench.random(rng, 40, load=1)
    for item in bench.every("ena"):
        yield from ({**item, "data": 0}, {"data": FULL})


@bench.case
def keeps_its_bits(rng):
    """Without an enable or with both, and while inputs change between clock edges."""
    yield from bench.random(rng, 1, load=1)
    for _ in range(10):
        yield from bench.random(rng, 2, load=0, ena=(0, 3))
        yield from (Hold(item) for item in bench.random(rng, 1, load=1))
        yield from (Hold(item) for item in bench.random(rng, 2, load=0))


@bench.case
def random_inputs(rng):
    yield from bench.random(rng, 1, load=1)
    yield from bench.random(rng, 200, load=0.05)
