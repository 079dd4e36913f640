"""width_8to16: two bytes to one word, the first in the upper half."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    names = ("valid_out", "data_out")

    def clear(self):
        self.first = self.word = None

    def step(self, i):
        self.word = None
        if i.valid_in and self.first is None:
            self.first = i.data_in
        elif i.valid_in:
            self.word, self.first = self.first << 8 | i.data_in, None

    def show(self, i):
        return {"valid_out": self.word is not None, "data_out": self.word}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "valid_in": 1, "data_in": 8},
    outputs={"valid_out": 1, "data_out": 16},
)


@bench.case
def without_a_pause(rng):
    return bench.random(rng, 60, valid_in=1.0)


@bench.case
def with_pauses(rng):
    return bench.random(rng, 300, valid_in=0.4)


@bench.case
def resets(rng):
    return bench.random(rng, 300, valid_in=0.7, rst_n=0.93)
