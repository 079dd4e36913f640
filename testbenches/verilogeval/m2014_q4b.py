"""m2014_q4b: D flip-flop with an asynchronous active-high reset."""

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
    reset="ar",
    asynchronous=True,
    inputs={"d": 1, "ar": 1},
    outputs={"q": 1},
)


@bench.case
def stores_the_data(rng):
    for d in (0, 1, 0, 0, 1, 1, 0, 1):
        yield {"d": d}
        yield from (Hold(d=1 - d), Hold(d=d))


@bench.case
def reset_acts_at_once(rng):
    """No clock edge is needed, and the release stores nothing."""
    for _ in range(10):
        yield {"d": 1}
        yield from (Hold(ar=1), Hold(d=0), Hold(d=1), Hold(ar=0))


@bench.case
def reset_holds_over_clock_edges(rng):
    for _ in range(10):
        yield from ({"d": 1, "ar": 0}, {"ar": 1}, {"d": 0}, {"d": 1})


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, ar=0.2)
