"""fsm1: two-state Moore machine that a 0 toggles, asynchronous reset to the output-1 state."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "BA", "B": "AB"}


class Golden(Model):
    def reset(self):
        self.state = "B"

    def edge(self, i):
        self.state = NEXT[self.state][i["in"]]

    def outputs(self, i):
        return self.state == "B"


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"in": 1, "areset": 1},
    outputs={"out": 1},
)


@bench.case
def every_transition(rng):
    return ({"in": int(bit)} for bit in "1101001000110")


@bench.case
def reset_acts_at_once(rng):
    for _ in range(15):
        yield from ({"in": 0}, {"in": 1})
        yield Hold(areset=1)
        yield Hold({"in": 0})
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.1)
