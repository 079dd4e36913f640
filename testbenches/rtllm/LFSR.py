"""LFSR: four bits with inverted feedback from the upper two."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    port, active = "rst", 1

    def clear(self):
        self.bits = 0

    def step(self, i):
        feedback = ~(self.bits >> 3 ^ self.bits >> 2) & 1
        self.bits = self.bits << 1 & 15 | feedback

    def show(self, i):
        return self.bits


bench = Bench(Golden, clock="clk", reset="rst", inputs={"rst": 1}, outputs={"out": 4})


@bench.case
def three_rounds(rng):
    return [{}] * 48


@bench.case
def random_resets(rng):
    return bench.random(rng, 200, rst=0.06)
