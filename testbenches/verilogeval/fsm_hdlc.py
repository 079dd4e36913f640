"""fsm_hdlc: Moore machine that tells stuffed bits, flags and errors by runs of ones."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.ones, self.ended = 0, None

    def edge(self, i):
        self.ended = None if i["in"] else self.ones
        self.ones = self.ones + 1 if i["in"] else 0

    def outputs(self, i):
        return {"disc": self.ended == 5, "flag": self.ended == 6, "err": self.ones >= 7}


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "in": 1},
    outputs={"disc": 1, "flag": 1, "err": 1},
)


def runs(lengths):
    """Runs of ones of these lengths, each ended by a zero."""
    for length in lengths:
        yield from [{"in": 1}] * length
        yield {"in": 0}


@bench.case
def runs_of_every_length(rng):
    for length in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 40):
        yield from runs((length, 0, 0, length, length))


@bench.case
def runs_in_any_order(rng):
    return runs(rng.choice((0, 1, 4, 5, 6, 7, 8, rng.randrange(4))) for _ in range(100))


@bench.case
def reset_after_every_run(rng):
    for length in range(10):
        for ended, last in ((0, 0), (0, 1), (1, 0), (1, 1)):
            yield from [{"in": 1, "reset": 0}] * length
            yield from [{"in": 0, "reset": 0}] * ended
            yield {"in": last, "reset": 1}
            yield from ({**item, "reset": 0} for item in runs((rng.choice((4, 5, 6, 7)), 0)))


@bench.case
def only_the_clock_counts(rng):
    for item in bench.random(rng, 200, **{"in": 0.85, "reset": 0}):
        yield item
        yield Hold({"in": 1 - item["in"], "reset": 1})
        yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 500, **{"in": 0.85, "reset": 0.02})
