"""fsm3s: Moore machine from a table, four states, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "AB", "B": "CB", "C": "AD", "D": "CB"}


class Golden(Model):
    def reset(self):
        self.state = "A"

    def edge(self, i):
        self.state = NEXT[self.state][i["in"]]

    def outputs(self, i):
        return self.state == "D"


bench = Bench(Golden, clock="clk", reset="reset", inputs={"in": 1, "reset": 1}, outputs={"out": 1})


@bench.case
def detects_the_pattern(rng):
    """1, 0, 1 reaches D; every other way leads back."""
    for bits in ("101", "1101", "1001", "10101", "0101", "1011"):
        yield from ({"in": int(bit)} for bit in bits)


@bench.case
def reset_waits_for_the_clock(rng):
    """A pulse between two clock edges changes nothing, wherever the machine is."""
    for item in bench.random(rng, 100, reset=0):
        yield item
        yield Hold({"in": rng.getrandbits(1)})
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, reset=0.03)
