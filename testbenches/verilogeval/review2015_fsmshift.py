"""review2015_fsmshift: enables a shift register for the four cycles after a reset."""

from itertl_eval.bench import Bench, Hold, Model, Run


class Golden(Model):
    def reset(self):
        self.left = 4

    def edge(self, i):
        self.left = max(self.left - 1, 0)

    def outputs(self, i):
        return self.left > 0


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"shift_ena": 1})


@bench.case
def four_cycles_then_never_again(rng):
    """Also when it is long enough to wrap a counter; looks where that would show."""
    yield from [{}] * 132
    for _ in range(7):
        yield Run(120)
        yield from [{}] * 8


@bench.case
def reset_in_every_cycle(rng):
    for cycles in range(1, 9):
        yield from [{"reset": 1}] * (1 + cycles % 3)
        yield from [{"reset": 0}] * cycles


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(10):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_resets(rng):
    return bench.random(rng, 300, reset=0.15)
