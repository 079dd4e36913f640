"""mt2015_muxdff: flip-flop behind a two-way multiplexer."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    q = None

    def edge(self, i):
        self.q = i.r_in if i.L else i.q_in

    def outputs(self, i):
        if self.q is None and self.power_on:
            return 0  # published, though the task's text gives no initial value
        return self.q


bench = Bench(Golden, clock="clk", inputs={"L": 1, "q_in": 1, "r_in": 1}, outputs={"Q": 1})


@bench.case
def every_input(rng):
    for item in bench.every():
        yield from ({**item, "L": 1}, item, item)


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 80):
        yield item
        yield Hold(next(bench.random(rng, 1)))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
