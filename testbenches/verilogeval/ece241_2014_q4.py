"""ece241_2014_q4: three flip-flops fed by XOR, AND and OR gates, combined by one gate."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """All flip-flops are zero at power-on, and nothing resets the XOR one later: the only
    case here is the one that starts there.

    The first wording of the problem calls the output gate an XNOR; the published reference
    and the later wording have a NOR.
    """

    def __init__(self):
        self.flops = (0, 0, 0)

    def edge(self, i):
        first, second, third = self.flops
        self.flops = (i.x ^ first, i.x & (1 - second), i.x | (1 - third))

    def outputs(self, i):
        return not any(self.flops) if self.power_on else None


bench = Bench(Golden, clock="clk", inputs={"x": 1}, outputs={"z": 1})


@bench.case
def from_power_on(rng):
    """Before any clock edge, then fixed patterns, pulses between edges and random input."""
    yield Hold(x=0)
    yield Hold(x=1)
    for pattern in ("0000", "1111", "0110", "1001", "101010", "00100", "1101100"):
        yield from ({"x": int(bit)} for bit in pattern)
    for item in bench.random(rng, 30):
        yield item
        yield Hold(x=1 - item["x"])
    yield from bench.random(rng, 300)
    yield from bench.random(rng, 100, x=0.2)
