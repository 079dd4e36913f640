"""m2014_q4k: shift register of four flip-flops, synchronous active-low reset."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.stages = [0, 0, 0, 0]

    def edge(self, i):
        self.stages = [i["in"], *self.stages[:3]]

    def outputs(self, i):
        return self.stages[3]


bench = Bench(
    Golden,
    clock="clk",
    reset="!resetn",
    inputs={"resetn": 1, "in": 1},
    outputs={"out": 1},
)


@bench.case
def out_after_four_clocks(rng):
    for word in product((0, 1), repeat=4):
        yield from ({"in": bit} for bit in word)


@bench.case
def reset_clears_every_stage(rng):
    for ones in (1, 2, 3, 4, 5, 6):
        yield from [{"resetn": 1, "in": 1}] * ones
        yield {"resetn": 0}
        yield from [{"resetn": 1, "in": 0}] * 5


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 80, resetn=0.05):
        yield item
        yield Hold({"resetn": 0, "in": 1 - item["in"]})
        yield Hold(resetn=1)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, resetn=0.08)
