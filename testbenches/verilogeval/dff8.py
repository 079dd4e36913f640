"""dff8: eight D flip-flops."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    q = None

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"d": 8}, outputs={"q": 8})


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def ignores_changes_between_edges(rng):
    for item in bench.random(rng, 100):
        yield item
        yield Hold(next(bench.random(rng, 1)))


@bench.case
def random_values(rng):
    return bench.random(rng, 200)
