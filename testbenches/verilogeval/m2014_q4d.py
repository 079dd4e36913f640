"""m2014_q4d: flip-flop fed by the XOR of the input and its own output."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """Nothing ever gives the flip-flop a known value. The problem says no word about its
    start; the published reference starts at zero and its test insists on that (and compares
    nothing later, for its own first input is X). So this bench starts at zero too, and its
    only case is the one at power-on.
    """

    def __init__(self):
        self.out = 0

    def edge(self, i):
        self.out ^= i["in"]

    def outputs(self, i):
        return self.out if self.power_on else None


bench = Bench(Golden, clock="clk", inputs={"in": 1}, outputs={"out": 1})


@bench.case
def from_power_on(rng):
    """Before any clock edge, then fixed patterns, pulses between edges and random input."""
    yield Hold({"in": 0})
    yield Hold({"in": 1})
    yield from ({"in": int(bit)} for bit in "00011101001")
    for item in bench.random(rng, 30):
        yield item
        yield Hold({"in": 1 - item["in"]})
    yield from bench.random(rng, 300)
