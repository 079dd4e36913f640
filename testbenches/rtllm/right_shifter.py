"""right_shifter: eight bits, zero at power-on, shifted to the right."""

from itertl_eval.bench import Bench, Care, Model


class Golden(Model):
    """Known at power-on; in later test cases as soon as it has shifted eight times."""

    def __init__(self):
        self.q, self.known = 0, 0

    def edge(self, i):
        self.q = self.q >> 1 | i.d << 7
        self.known = self.known >> 1 | 0x80

    def outputs(self, i):
        return self.q if self.power_on else Care(self.q, self.known)


bench = Bench(Golden, clock="clk", inputs={"d": 1}, outputs={"q": 8})


@bench.case
def from_power_on(rng):
    for bit in (1, 0, 1, 1, 0, 0, 1, 0, 1, 1):
        yield {"d": bit}


@bench.case
def a_single_one(rng):
    for _ in range(3):
        yield {"d": 1}
        yield from [{"d": 0}] * 9


@bench.case
def random_bits(rng):
    return bench.random(rng, 200)
