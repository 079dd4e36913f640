"""JC_counter: 64-bit Johnson counter, reset at once when `rst_n` falls."""

from itertl_eval.bench import Bench, Model, Run


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = self.q >> 1 | (~self.q & 1) << 63

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1},
    outputs={"Q": 64},
)


@bench.case
def two_rounds(rng):
    return [{}] * 260


@bench.case
def random_resets(rng):
    for _ in range(12):
        yield Run(rng.randrange(2, 140))
        yield from [{}] * 3
        yield {"rst_n": 0}
        yield {"rst_n": 1}
