"""counter_12: counts from 0 to 11 while `valid_count` is 1."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    def clear(self):
        self.count = 0

    def step(self, i):
        self.count = (self.count + i.valid_count) % 12

    def show(self, i):
        return self.count


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "valid_count": 1},
    outputs={"out": 4},
)


@bench.case
def counts_and_wraps(rng):
    return [{"valid_count": 1}] * 40


@bench.case
def holds_at_each_count(rng):
    for _ in range(14):
        yield from [{"valid_count": 0}] * 3
        yield {"valid_count": 1}


@bench.case
def random_steps(rng):
    return bench.random(rng, 300, valid_count=0.7, rst_n=0.03)
