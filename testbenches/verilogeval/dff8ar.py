"""dff8ar: eight D flip-flops with an asynchronous active-high reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"d": 8, "areset": 1},
    outputs={"q": 8},
)


@bench.case
def stores_the_data(rng):
    return bench.corners(rng, areset=0)


@bench.case
def reset_acts_at_once(rng):
    """No clock edge is needed, and the release stores nothing."""
    for item in bench.random(rng, 30, areset=0):
        yield item
        yield Hold(areset=1)
        yield Hold(areset=0, d=item["d"] ^ 0xFF)
        yield Hold(d=0xFF)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.1)
