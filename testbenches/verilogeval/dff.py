"""dff: one D flip-flop."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    q = None

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"d": 1}, outputs={"q": 1})


@bench.case
def follows_at_the_clock(rng):
    return ({"d": int(bit)} for bit in "0011010011101000")


@bench.case
def ignores_changes_between_edges(rng):
    for item in bench.random(rng, 100):
        yield item
        yield from (Hold(new) for new in bench.random(rng, 2))
