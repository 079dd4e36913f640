"""dff8r: eight D flip-flops with a synchronous active-high reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"d": 8, "reset": 1},
    outputs={"q": 8},
)


@bench.case
def stores_the_data(rng):
    return bench.corners(rng, reset=0)


@bench.case
def reset_waits_for_the_clock(rng):
    """A pulse between two clock edges changes nothing, nor does the data, before it or after."""
    for item in bench.random(rng, 30, reset=0):
        yield item
        yield Hold(d=rng.getrandbits(8))
        yield Hold(reset=1)
        yield Hold(reset=0, d=item["d"] ^ 0xFF)
        yield Hold(d=0xFF)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, reset=0.1)
