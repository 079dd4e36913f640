"""fsm2s: Moore machine with two states, j turns on and k turns off, synchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.on = 0

    def edge(self, i):
        self.on = 1 - i.k if self.on else i.j

    def outputs(self, i):
        return self.on


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"j": 1, "k": 1, "reset": 1},
    outputs={"out": 1},
)


@bench.case
def every_input_in_both_states(rng):
    for start in ([{"reset": 1}], [{"reset": 1}, {"reset": 0, "j": 1}]):
        for item in bench.every("j", "k"):
            yield from start
            yield {**item, "reset": 0}


@bench.case
def reset_from_both_states(rng):
    for count in range(20):
        yield from bench.random(rng, count % 3, reset=0, j=1)
        yield from bench.in_reset(rng, 1)


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 60, reset=0):
        yield item
        yield Hold(reset=1)
        yield Hold(next(bench.random(rng, 1, reset=0)))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, reset=0.06)
