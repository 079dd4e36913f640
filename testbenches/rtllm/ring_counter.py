"""ring_counter: a one that goes round through eight bits."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    port, active = "reset", 1

    def clear(self):
        self.place = 0

    def step(self, i):
        self.place = (self.place + 1) % 8

    def show(self, i):
        return 1 << self.place


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"out": 8})


@bench.case
def three_rounds(rng):
    return [{}] * 26


@bench.case
def random_resets(rng):
    return bench.random(rng, 150, reset=0.1)
