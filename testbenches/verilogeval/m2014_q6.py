"""m2014_q6: six-state Moore machine from a state diagram."""

from itertl_eval.bench import Bench, Hold, Model

NEXT = {"A": "BA", "B": "CD", "C": "ED", "D": "FA", "E": "ED", "F": "CD"}


class Golden(Model):
    """The diagram shows no reset; the published reference has a synchronous one, to A."""

    def reset(self):
        self.state = "A"

    def edge(self, i):
        self.state = NEXT[self.state][i.w]

    def outputs(self, i):
        return self.state in "EF"


bench = Bench(Golden, clock="clk", reset="reset", inputs={"reset": 1, "w": 1}, outputs={"z": 1})


@bench.case
def every_transition(rng):
    """Each state with both inputs, then three more bits that show where it led."""
    for way_in in ("", "0", "00", "01", "000", "010"):
        for tail in range(16):
            yield {"reset": 1, "w": tail & 1}  # the other way than the last bit
            yield from ({"reset": 0, "w": int(bit)} for bit in f"{way_in}{tail:04b}")


@bench.case
def reset_waits_for_the_clock(rng):
    for item in bench.random(rng, 30, reset=0, w=0.3):
        yield item
        yield Hold(reset=1)
        yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, reset=0.03)
