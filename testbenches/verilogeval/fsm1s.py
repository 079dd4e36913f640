"""fsm1s: Moore machine with two states, 0 toggles and 1 stays, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "BA", "B": "AB"}


class Golden(Model):
    def reset(self):
        self.state = "B"

    def edge(self, i):
        self.state = NEXT[self.state][i["in"]]

    def outputs(self, i):
        return self.state == "B"


bench = Bench(Golden, clock="clk", reset="reset", inputs={"in": 1, "reset": 1}, outputs={"out": 1})


@bench.case
def toggles_and_stays(rng):
    return ({"in": int(bit)} for bit in "1100011010011110")


@bench.case
def reset_from_both_states(rng):
    for count in range(20):
        yield from bench.random(rng, count % 3, reset=0)
        yield from bench.in_reset(rng, 1)


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 60, reset=0):
        yield item
        yield Hold({"reset": 1})
        yield Hold({"reset": 0, "in": 1 - item["in"]})


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200, reset=0.06)
