"""fsm3: four-state Moore machine from a table, asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "AB", "B": "CB", "C": "AD", "D": "CB"}


class Golden(Model):
    def reset(self):
        self.state = "A"

    def edge(self, i):
        self.state = NEXT[self.state][i["in"]]

    def outputs(self, i):
        return self.state == "D"


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"in": 1, "areset": 1},
    outputs={"out": 1},
)


@bench.case
def every_row_of_the_table(rng):
    """Each row with both inputs, then three more bits that show where it led."""
    for way_in in ("", "1", "10", "101"):
        for tail in range(16):
            yield {"areset": 1}
            yield from ({"areset": 0, "in": int(bit)} for bit in f"{way_in}{tail:04b}")


@bench.case
def reset_acts_at_once(rng):
    """In the state with the output at 1, and in those before it."""
    for way_in in ("101", "10", "1"):
        yield from ({"areset": 0, "in": int(bit)} for bit in way_in)
        yield Hold(areset=1)
        yield Hold(areset=0)
        yield from ({"in": int(bit)} for bit in "01101")


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.05)
