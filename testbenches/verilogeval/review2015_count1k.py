"""review2015_count1k: counter from 0 to 999, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model, Run


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = (self.q + 1) % 1000

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"q": 10})


@bench.case
def counts_from_the_reset(rng):
    return [{}] * 70


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(20):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_resets(rng):
    return bench.random(rng, 300, reset=0.03)


@bench.case
def counts_to_the_end_and_wraps(rng):
    yield from [{}] * 1300
    yield Run(690)
    yield from [{}] * 20
    yield {"reset": 1}
