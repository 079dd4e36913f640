"""count10: decade counter, 0 to 9, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = (self.q + 1) % 10

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"q": 4})


@bench.case
def counts_and_wraps(rng):
    return [{}] * 35


@bench.case
def reset_from_every_count(rng):
    for count in range(11):
        yield from [{"reset": 0}] * count
        yield from [{"reset": 1}] * 2


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(12):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_resets(rng):
    return bench.random(rng, 300, reset=0.06)
