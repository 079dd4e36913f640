"""circuit9: read from a waveform, a counter modulo seven that the input sets to 4."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.q = None

    def edge(self, i):
        if i.a:
            self.q = 4
        elif self.q is not None:
            self.q = (self.q + 1) % 7

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"a": 1}, outputs={"q": 3})


@bench.case
def as_in_the_waveform(rng):
    return ({"a": int(bit)} for bit in "1111100000")


@bench.case
def counts_through_and_wraps(rng):
    yield {"a": 1}
    yield from [{"a": 0}] * 30


@bench.case
def set_from_every_count(rng):
    """Once between two clock edges, where it must be ignored, and once over an edge."""
    for count in range(8):
        yield {"a": 1}
        yield from [{"a": 0}] * count
        yield Hold(a=1)
        yield Hold(a=0)
        yield {}


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, a=0.15)
