"""history_shift: branch history with rollback after a misprediction, asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.history = 0

    def edge(self, i):
        if i.train_mispredicted:
            self.history = i.train_history << 1 | i.train_taken
        elif i.predict_valid:
            self.history = self.history << 1 | i.predict_taken

    def outputs(self, i):
        return self.history


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={
        "areset": 1,
        "predict_valid": 1,
        "predict_taken": 1,
        "train_mispredicted": 1,
        "train_taken": 1,
        "train_history": 32,
    },
    outputs={"predict_history": 32},
)


@bench.case
def predictions_shift_in(rng):
    return bench.random(rng, 100, areset=0, train_mispredicted=0, predict_valid=0.8)


@bench.case
def mispredictions_roll_back(rng):
    for item in bench.corners(rng, areset=0, train_mispredicted=1):
        yield item
        yield from bench.random(rng, 1, areset=0, train_mispredicted=0)


@bench.case
def holds_without_either(rng):
    for item in bench.random(rng, 20, areset=0):
        yield item
        yield from bench.random(rng, 4, areset=0, train_mispredicted=0, predict_valid=0)


@bench.case
def reset_is_immediate(rng):
    for item in bench.random(rng, 40, areset=0):
        yield item
        yield Hold(areset=1)
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.05, train_mispredicted=0.3)
