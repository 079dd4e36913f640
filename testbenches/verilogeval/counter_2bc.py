"""counter_2bc: two-bit saturating branch predictor, asynchronous reset to 1."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.count = 1

    def edge(self, i):
        if i.train_valid:
            self.count = min(self.count + 1, 3) if i.train_taken else max(self.count - 1, 0)

    def outputs(self, i):
        return self.count


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "train_valid": 1, "train_taken": 1},
    outputs={"state": 2},
)


@bench.case
def saturates_at_both_ends(rng):
    for taken in (1, 0, 1, 0):
        yield from [{"train_valid": 1, "train_taken": taken}] * 6


@bench.case
def holds_without_training(rng):
    for taken in (1, 1, 1, 0, 0, 0, 0, 1, 1):
        yield {"train_valid": 1, "train_taken": taken}
        yield from bench.random(rng, 5, areset=0, train_valid=0)


@bench.case
def reset_is_immediate(rng):
    for _ in range(10):
        yield from bench.random(rng, 6, areset=0, train_valid=1)
        yield Hold(areset=1)
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, areset=0.04)
