"""count15: 4-bit counter from 0 to 15, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = (self.q + 1) % 16

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"q": 4})


@bench.case
def counts_and_wraps(rng):
    return ({} for _ in range(40))


@bench.case
def reset_from_every_value(rng):
    for count in range(17):
        yield from [{"reset": 0}] * count
        yield {"reset": 1}


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(20):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_reset(rng):
    return bench.random(rng, 200, reset=0.06)
