"""rule90: 512 cells that each become the XOR of their neighbours, with a load.

Short cases: 512 processes, each for one cell, take a millisecond and more per cycle.
"""

from itertl_eval.bench import Bench, Hold, Model

FULL = (1 << 512) - 1


class Golden(Model):
    def __init__(self):
        self.q = None

    def edge(self, i):
        if i.load:
            self.q = i.data
        elif self.q is not None:
            self.q = (self.q << 1 ^ self.q >> 1) & FULL

    def outputs(self, i):
        return self.q


bench = Bench(Golden, clock="clk", inputs={"load": 1, "data": 512}, outputs={"q": 512})


@bench.case
def loads(rng):
    yield from bench.random(rng, 2, load=1)
    for data in (0, FULL, 0, FULL - 1, FULL >> 1):
        yield {"data": data}


@bench.case
def grows_from_one_cell(rng):
    """At both ends, where there is nothing beyond."""
    for cell in (0, 511):
        yield {"load": 1, "data": 1 << cell}
        yield from bench.random(rng, 2, load=0)


@bench.case
def full_board_and_stripes(rng):
    for data in (FULL, FULL // 3):
        yield {"load": 1, "data": data}
        yield {"load": 0, "data": 0}


@bench.case
def random_boards(rng):
    """Loads between two clock edges change nothing."""
    yield from bench.random(rng, 1, load=1)
    yield from bench.random(rng, 4, load=0)
    yield from (Hold(item) for item in bench.random(rng, 1, load=1))
    yield Hold(load=0)
    yield {}
