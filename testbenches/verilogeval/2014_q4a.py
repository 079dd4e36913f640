"""2014_q4a: one stage of a shift register, load before shift before hold."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    q = None

    def edge(self, i):
        if i.L:
            self.q = i.R
        elif i.E:
            self.q = i.w

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"w": 1, "R": 1, "E": 1, "L": 1}, outputs={"Q": 1})


@bench.case
def load(rng):
    return bench.random(rng, 60, L=1)


@bench.case
def shift(rng):
    return bench.random(rng, 60, L=0, E=1)


@bench.case
def hold(rng):
    for value in (0, 1, 0, 1):
        yield {"L": 1, "R": value}
        yield from bench.random(rng, 12, L=0, E=0)


@bench.case
def every_input_from_both_states(rng):
    for value in (0, 1):
        for item in bench.every():
            yield {"L": 1, "R": value}
            yield item


@bench.case
def random_inputs(rng):
    for item in bench.random(rng, 200):
        yield item
        yield Hold(next(bench.random(rng, 1)))
