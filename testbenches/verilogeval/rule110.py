"""rule110: cellular automaton of 512 cells, with load, dark beyond both ends.

Short cases: 512 processes, each for one cell, take a millisecond and more per cycle.
"""

from itertl_eval.bench import Bench, Model

ALL = (1 << 512) - 1


class Golden(Model):
    cells = None

    def edge(self, i):
        if i.load:
            self.cells = i.data
        elif self.cells is not None:
            left, right = self.cells >> 1, self.cells << 1 & ALL
            self.cells = (self.cells | right) & ~(left & self.cells & right)

    def outputs(self, i):
        return self.cells


bench = Bench(Golden, clock="clk", inputs={"load": 1, "data": 512}, outputs={"q": 512})


def play(rng, cells, generations):
    yield {"load": 1, "data": cells}
    yield from bench.random(rng, generations, load=0)


@bench.case
def load(rng):
    return bench.random(rng, 2, load=1)


@bench.case
def both_ends(rng):
    for cells in (1, ALL ^ 1, 1 << 511, ALL >> 1):
        yield from play(rng, cells, 1)


@bench.case
def one_cell_grows(rng):
    return play(rng, 1 << 20, 3)


@bench.case
def random_cells(rng):
    yield from play(rng, rng.getrandbits(512), 4)
    yield from bench.random(rng, 4, load=0.3)
