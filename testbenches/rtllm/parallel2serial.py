"""parallel2serial: four bits, most significant first, with a mark at the first."""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    names = ("valid_out", "dout")

    def clear(self):
        self.count, self.bits = 0, None

    def step(self, i):
        if self.count == 3:
            self.bits = f"{i.d:04b}"
        self.count = (self.count + 1) % 4

    def show(self, i):
        known = self.bits is not None
        return {
            "valid_out": known and self.count == 0,
            "dout": int(self.bits[self.count]) if known else None,
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "d": 4},
    outputs={"valid_out": 1, "dout": 1},
)


@bench.case
def every_word(rng):
    for word in range(16):
        yield from [{"d": word}] * 4


@bench.case
def the_word_changes_all_the_time(rng):
    return bench.random(rng, 200, rst_n=1)


@bench.case
def resets(rng):
    return bench.random(rng, 300, rst_n=0.05)
