"""ece241_2013_q7: JK flip-flop."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.q = None

    def edge(self, i):
        if i.j != i.k:
            self.q = i.j
        elif i.j and self.q is not None:
            self.q = 1 - self.q

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"j": 1, "k": 1}, outputs={"Q": 1})


@bench.case
def every_row_from_both_states(rng):
    for q in (0, 1):
        for row in bench.every():
            yield from ({"j": q, "k": 1 - q}, row, {"j": 0, "k": 0})


@bench.case
def inputs_change_between_clock_edges(rng):
    for item in bench.random(rng, 20):
        yield item
        yield from (Hold(other) for other in bench.every())


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300)
