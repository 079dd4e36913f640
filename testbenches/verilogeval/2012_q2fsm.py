"""2012_q2fsm: Moore machine from a state diagram, six states, synchronous reset."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "AB", "B": "DC", "C": "DE", "D": "AF", "E": "DE", "F": "DC"}


class Golden(Model):
    def reset(self):
        self.state = "A"

    def edge(self, i):
        self.state = NEXT[self.state][i.w]

    def outputs(self, i):
        return self.state in "EF"


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1, "w": 1}, outputs={"z": 1})


@bench.case
def every_arrow(rng):
    """All words of six bits from reset: every state, both ways out, and what follows."""
    for word in product((0, 1), repeat=6):
        yield {"reset": 1}
        yield from ({"reset": 0, "w": bit} for bit in word)


@bench.case
def reset_waits_for_the_clock(rng):
    for item in bench.random(rng, 60, reset=0.1):
        yield item
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 500, reset=0.03)
