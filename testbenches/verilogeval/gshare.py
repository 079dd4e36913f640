"""gshare: branch predictor, 128 two-bit counters indexed by pc XOR seven bits of history."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """The values after reset are those of the published reference: all counters weakly not
    taken, history zero. Its outputs are unknown while no prediction is asked for.
    """

    def reset(self):
        self.counters = [1] * 128
        self.history = 0

    def edge(self, i):
        taken = self.counters[self.history ^ i.predict_pc] >> 1
        if i.train_valid:
            trained = i.train_history ^ i.train_pc
            counter = self.counters[trained] + (1 if i.train_taken else -1)
            self.counters[trained] = min(max(counter, 0), 3)
        if i.train_valid and i.train_mispredicted:
            self.history = (i.train_history << 1 | i.train_taken) & 127
        elif i.predict_valid:
            self.history = (self.history << 1 | taken) & 127

    def outputs(self, i):
        if not i.predict_valid:
            return {"predict_taken": None, "predict_history": None}
        taken = self.counters[self.history ^ i.predict_pc] >> 1
        return {"predict_taken": taken, "predict_history": self.history}


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={
        "areset": 1,
        "predict_valid": 1,
        "predict_pc": 7,
        "train_valid": 1,
        "train_taken": 1,
        "train_mispredicted": 1,
        "train_history": 7,
        "train_pc": 7,
    },
    outputs={"predict_taken": 1, "predict_history": 7},
)

NO_PREDICTION = {"areset": 0, "predict_valid": 0, "train_valid": 1, "train_mispredicted": 0}


def read(*pcs):
    """Predictions without a clock edge: the history stays as it is."""
    return (Hold(areset=0, predict_valid=1, predict_pc=pc) for pc in pcs)


@bench.case
def counters_saturate(rng):
    for entry in (0, 1, 42, 85, 127):
        for taken in "1111100100000110101":
            history = rng.getrandbits(7)
            train = {"train_history": history, "train_pc": history ^ entry}
            yield {**NO_PREDICTION, **train, "train_taken": int(taken)}
            yield from read(entry)


@bench.case
def every_entry_is_trained_alone(rng):
    """In random order and twice, each in a random direction; then the whole table is read."""
    for entry in rng.sample(range(128), 128):
        history = rng.getrandbits(7)
        train = {"train_history": history, "train_pc": history ^ entry}
        yield from [{**NO_PREDICTION, **train, "train_taken": rng.getrandbits(1)}] * 2
    yield from read(*range(128))


@bench.case
def history_follows_predictions_and_mispredictions(rng):
    """Both may ask for it in one cycle, and each of them may be invalid."""
    for taken in (1, 1, 0):
        for entry in range(0, 128, 3):
            train = {"train_history": 0, "train_pc": entry, "train_taken": taken}
            yield {**NO_PREDICTION, **train}
            yield from bench.random(rng, 3, areset=0, train_mispredicted=0.5)


@bench.case
def trains_and_predicts_the_same_entry(rng):
    """The prediction sees the counter as it was before the training."""
    for _ in range(60):
        item = next(bench.random(rng, 1, areset=0, predict_valid=1, train_valid=1))
        history = item["train_history"]
        yield {**item, "train_mispredicted": 1}
        known = history << 1 & 127 | item["train_taken"]
        for train_taken in (1, 1, 0):
            yield {"train_mispredicted": 0, "predict_valid": 0, "train_taken": train_taken}
            pc = known ^ item["train_pc"] ^ history
            yield from read(pc)
        yield {"predict_valid": 1, "train_taken": 0}
        yield from read(*range(0, 128, 31))


@bench.case
def reset_acts_at_once(rng):
    """On all counters and on the history; nothing is trained during it."""
    train = {"train_taken": 1, "train_mispredicted": 1}
    for held in (0, 3):
        for entry in range(128):
            yield {**NO_PREDICTION, **train, "train_history": 0, "train_pc": entry}
        yield from read(3, 4)
        yield Hold(areset=1)
        yield from bench.random(rng, held, areset=1, predict_valid=1, train_valid=1, **train)
        yield from read(*range(128))


@bench.case
def random_inputs(rng):
    yield from bench.random(rng, 400, areset=0.01, train_mispredicted=0.1)
    few = {"predict_pc": range(8), "train_history": range(4), "train_pc": range(4)}
    yield from bench.random(rng, 400, areset=0.01, train_mispredicted=0.2, **few)
