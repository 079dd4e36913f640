"""countslow: decade counter with an enable and a synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        if i.slowena:
            self.q = (self.q + 1) % 10

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden, clock="clk", reset="reset", inputs={"reset": 1, "slowena": 1}, outputs={"q": 4}
)


@bench.case
def counts_and_wraps(rng):
    return [{"slowena": 1}] * 35


@bench.case
def pauses_at_every_count(rng):
    for _ in range(22):
        yield from ({"slowena": 0}, {"slowena": 0}, {"slowena": 1})


@bench.case
def reset_with_and_without_enable(rng):
    for count in range(1, 11):
        for slowena in (0, 1):
            yield from [{"reset": 0, "slowena": 1}] * count
            yield {"reset": 1, "slowena": slowena}


@bench.case
def pulses_between_clock_edges(rng):
    """Neither input may act without a clock edge."""
    for _ in range(12):
        yield {"slowena": 1}
        yield Hold(reset=1, slowena=0)
        yield Hold(reset=0, slowena=1)
        yield Hold(slowena=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, reset=0.04, slowena=0.7)
