"""dff8p: eight D flip-flops on the falling edge, synchronous reset to 0x34."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0x34

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    edge="falling",
    reset="reset",
    inputs={"d": 8, "reset": 1},
    outputs={"q": 8},
)


@bench.case
def corner_values(rng):
    return bench.corners(rng, reset=0)


@bench.case
def reset_value(rng):
    return bench.in_reset(rng, 20)


@bench.case
def reset_waits_for_the_clock(rng):
    """A pulse between two clock edges changes nothing, nor stores what the data were before."""
    for item in bench.random(rng, 60, reset=0):
        yield item
        yield Hold(d=item["d"] ^ 0xFF)
        yield Hold(reset=1)
        yield Hold(next(bench.random(rng, 1, reset=0)))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200, reset=0.1)
