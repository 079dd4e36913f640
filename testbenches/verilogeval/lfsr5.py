"""lfsr5: 5-bit Galois shift register with taps 5 and 3, synchronous reset to 1."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 1

    def edge(self, i):
        self.q = self.q >> 1 ^ (0b10100 if self.q & 1 else 0)

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1}, outputs={"q": 5})


@bench.case
def full_period_and_on(rng):
    return ({} for _ in range(80))


@bench.case
def reset_from_every_value(rng):
    for count in range(32):
        yield from [{"reset": 0}] * count
        yield {"reset": 1}


@bench.case
def reset_waits_for_the_clock(rng):
    for _ in range(20):
        yield {}
        yield Hold(reset=1)
        yield Hold(reset=0)
