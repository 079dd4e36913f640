"""alwaysblock2: XOR of two inputs, twice combinational and once through a flip-flop."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.registered = None

    def edge(self, i):
        self.registered = i.a ^ i.b

    def outputs(self, i):
        xor = i.a ^ i.b
        return {"out_assign": xor, "out_always_comb": xor, "out_always_ff": self.registered}


bench = Bench(
    Golden,
    clock="clk",
    inputs={"a": 1, "b": 1},
    outputs={"out_assign": 1, "out_always_comb": 1, "out_always_ff": 1},
)


@bench.case
def every_change_of_the_inputs(rng):
    for before in reversed([*bench.every()]):
        for after in bench.every():
            yield from (before, after)


@bench.case
def inputs_change_between_clock_edges(rng):
    """Only the two combinational outputs may follow."""
    for item in bench.random(rng, 20):
        yield item
        yield from (Hold(other) for other in bench.every())


@bench.case
def random_inputs(rng):
    return bench.random(rng, 200)
