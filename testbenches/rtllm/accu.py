"""accu: sum of four valid inputs, announced for one cycle."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    names = ("valid_out", "data_out")

    def clear(self):
        self.data, self.total = [], None

    def step(self, i):
        self.total = None
        if i.valid_in:
            self.data.append(i.data_in)
        if len(self.data) == 4:
            self.total, self.data = sum(self.data), []

    def show(self, i):
        return {"valid_out": self.total is not None, "data_out": self.total}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "data_in": 8, "valid_in": 1},
    outputs={"valid_out": 1, "data_out": 10},
)


@bench.case
def without_a_pause(rng):
    return bench.random(rng, 60, valid_in=1.0, rst_n=1)


@bench.case
def largest_sums(rng):
    yield from ({"valid_in": 1, "data_in": 255} for _ in range(12))


@bench.case
def with_pauses(rng):
    return bench.random(rng, 200, valid_in=0.5, rst_n=1)


@bench.case
def seldom(rng):
    return bench.random(rng, 200, valid_in=0.15, rst_n=1)


@bench.case
def reset_in_between(rng):
    return bench.random(rng, 200, valid_in=0.8, rst_n=0.1)
