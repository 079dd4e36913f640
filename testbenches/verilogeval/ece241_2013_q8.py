"""ece241_2013_q8: Mealy detector of 1 0 1 with overlaps, asynchronous active-low reset."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.seen = ""

    def edge(self, i):
        self.seen = (self.seen + str(i.x))[-2:]

    def outputs(self, i):
        return self.seen == "10" and i.x


bench = Bench(
    Golden,
    clock="clk",
    reset="!aresetn",
    asynchronous=True,
    inputs={"aresetn": 1, "x": 1},
    outputs={"z": 1},
)


@bench.case
def every_word_of_six_bits(rng):
    for word in product((0, 1), repeat=6):
        yield {"aresetn": 0}
        yield from ({"aresetn": 1, "x": bit} for bit in word)


@bench.case
def output_follows_input_without_clock(rng):
    for item in bench.random(rng, 80, aresetn=0.03):
        yield item
        yield from (Hold(x=bit) for bit in (1, 0, 1))


@bench.case
def reset_is_immediate(rng):
    for _ in range(20):
        yield from bench.random(rng, 4, aresetn=1)
        yield Hold(aresetn=0)
        yield Hold(aresetn=1, x=1)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, aresetn=0.04)
