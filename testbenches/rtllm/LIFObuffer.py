"""LIFObuffer: stack of four words.

`dataOut` is compared after a word was popped, and the flags after an enabled operation that
follows a reset. The reset waits for the clock and for EN, as the specification says.
"""

from itertl_eval.bench import Bench, Model


class Golden(Model):
    def __init__(self):
        self.words, self.flags, self.popped = None, False, None

    def edge(self, i):
        if not i.EN:
            return
        self.popped = None
        if i.Rst:
            self.words, self.flags = [], False
        elif self.words is not None:
            self.flags = True
            if i.RW and self.words:
                self.popped = self.words.pop()
            elif not i.RW and len(self.words) < 4:
                self.words.append(i.dataIn)

    def outputs(self, i):
        known = self.words is not None
        return {
            "EMPTY": not self.words if known else None,
            "FULL": len(self.words) == 4 if known and self.flags else None,
            "dataOut": self.popped,
        }


bench = Bench(
    Golden,
    clock="Clk",
    inputs={"dataIn": 4, "RW": 1, "EN": 1, "Rst": 1},
    outputs={"EMPTY": 1, "FULL": 1, "dataOut": 4},
)
RESET = {"EN": 1, "Rst": 1, "RW": 0, "dataIn": 15}


@bench.case
def fill_and_empty(rng):
    for _ in range(3):
        yield from [RESET] * 2
        for _ in range(6):
            yield {"EN": 1, "Rst": 0, "RW": 0, "dataIn": rng.getrandbits(4)}
        for _ in range(6):
            yield {"RW": 1, "dataIn": rng.getrandbits(4)}


@bench.case
def nothing_happens_without_enable(rng):
    yield from [RESET] * 2
    for _ in range(80):
        yield {"EN": 1, "Rst": 0, "RW": rng.getrandbits(1), "dataIn": rng.getrandbits(4)}
        yield {"EN": 0, "Rst": rng.getrandbits(1), "RW": rng.getrandbits(1)}


@bench.case
def random_operations(rng):
    yield from [RESET] * 2
    yield from bench.random(rng, 500, EN=0.9, Rst=0.03, RW=0.5)
