"""fsm2: two-state Moore machine, j switches on and k off, asynchronous reset to off."""

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
    reset="areset",
    asynchronous=True,
    inputs={"j": 1, "k": 1, "areset": 1},
    outputs={"out": 1},
)


@bench.case
def every_input_in_both_states(rng):
    for j, k in ((0, 1), (1, 0)):
        for item in bench.every("j", "k"):
            yield from ({"j": j, "k": k}, item, {"j": 0, "k": 0})


@bench.case
def reset_acts_at_once(rng):
    for item in [*bench.every("j", "k")] * 4:
        yield {"j": 1, "k": 0}
        yield Hold(areset=1)
        yield Hold(item)
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.1)
