"""2014_q3bfsm: five-state Moore machine from a state table, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {0: (0, 1), 1: (1, 4), 2: (2, 1), 3: (1, 2), 4: (3, 4)}


class Golden(Model):
    def reset(self):
        self.state = 0

    def edge(self, i):
        self.state = NEXT[self.state][i.x]

    def outputs(self, i):
        return self.state in (3, 4)


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1, "x": 1}, outputs={"z": 1})


@bench.case
def every_row_of_the_table(rng):
    """Each row with both inputs, then two more bits that show where it led."""
    for way_in in ("", "1", "1101", "110", "11"):
        for tail in ("000", "001", "010", "011", "100", "101", "110", "111"):
            yield {"reset": 1}
            yield from ({"reset": 0, "x": int(bit)} for bit in way_in + tail)


@bench.case
def reset_waits_for_the_clock(rng):
    for item in bench.random(rng, 30, reset=0, x=0.7):
        yield item
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, reset=0.03)
