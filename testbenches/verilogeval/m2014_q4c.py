"""m2014_q4c: D flip-flop with synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.q = 0

    def edge(self, i):
        self.q = i.d

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", reset="r", inputs={"d": 1, "r": 1}, outputs={"q": 1})


@bench.case
def follows_at_the_clock(rng):
    return ({"d": int(bit)} for bit in "0011010011101000")


@bench.case
def reset_wins(rng):
    for d in (1, 0, 1, 1):
        yield from ({"d": 1, "r": 0}, {"d": d, "r": 1}, {"r": 1}, {"r": 0})


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 60, r=0.1):
        yield item
        yield Hold(r=1)
        yield Hold(r=0, d=1 - item["d"])


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200, r=0.2)
