"""circuit7: read from a waveform, a flip-flop that stores the inverted input."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.q = None

    def edge(self, i):
        self.q = 1 - i.a

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"a": 1}, outputs={"q": 1})


@bench.case
def as_in_the_waveform(rng):
    return ({"a": int(bit)} for bit in "0000111111")


@bench.case
def input_changes_between_clock_edges(rng):
    for item in bench.random(rng, 30):
        yield item
        yield Hold(a=1 - item["a"])
        yield Hold(a=item["a"])


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
