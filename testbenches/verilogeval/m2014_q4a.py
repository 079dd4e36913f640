"""m2014_q4a: D latch, transparent while ena is high."""

from itertl_eval.bench import Bench, Model


class Golden(Model):
    q = None

    def settle(self, i):
        if i.ena:
            self.q = i.d

    def outputs(self, _i):
        return self.q


bench = Bench(Golden, inputs={"d": 1, "ena": 1}, outputs={"q": 1})


@bench.case
def follows_while_enabled(rng):
    return ({"ena": 1, "d": d} for d in (0, 1, 0, 0, 1, 1, 0, 1))


@bench.case
def keeps_while_disabled(rng):
    for kept in (0, 1, 0, 1):
        yield from ({"ena": 1, "d": kept}, {"ena": 0})
        yield from ({"d": d} for d in (1 - kept, kept, 1 - kept))


@bench.case
def random_inputs(rng):
    """The data stays put while the latch closes, so that no race decides what is kept."""
    before = {"ena": 0, "d": 0}
    for item in bench.random(rng, 400):
        if before["ena"] and not item["ena"]:
            item["d"] = before["d"]
        yield item
        before = item
