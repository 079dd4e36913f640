"""dualedge: flip-flop that acts on both edges of the clock."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    q = None

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", edge="both", inputs={"d": 1}, outputs={"q": 1})


@bench.case
def follows_at_each_edge(rng):
    return ({"d": int(bit)} for bit in "00010111001101000111101000")


@bench.case
def ignores_changes_between_edges(rng):
    for item in bench.random(rng, 100):
        yield item
        yield from (Hold(new) for new in bench.random(rng, rng.randrange(4)))
        yield from [{}] * rng.randrange(2)


@bench.case
def random_input(rng):
    return bench.random(rng, 300)
