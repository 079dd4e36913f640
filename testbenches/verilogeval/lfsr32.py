"""lfsr32: 32-bit Galois LFSR that shifts right, taps at 32, 22, 2 and 1, reset to 1."""

from itertl_eval.bench import Bench, Hold, Model

TAPS = 1 << 31 | 1 << 21 | 1 << 1 | 1 << 0


class Golden(Model):
    def reset(self):
        self.q = 1

    def edge(self, i):
        self.q = self.q >> 1 ^ TAPS * (self.q & 1)

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"q": 32})


@bench.case
def runs_from_the_reset(rng):
    return [{}] * 400


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(20):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_resets(rng):
    return bench.random(rng, 300, reset=0.04)
