"""conwaylife: Game of Life on a 16 by 16 torus, one generation per clock, with load."""

from itertl_eval.bench import Bench, Model

ALL = (1 << 256) - 1
COLUMN = sum(1 << 16 * row for row in range(16))
GLIDER = 0b010 | 0b100 << 16 | 0b111 << 32
BLINKER = 0b111 << 16
BLOCK = 0b11 | 0b11 << 16


def turn_rows(cells, by):
    return (cells << 16 * by | cells >> 256 - 16 * by) & ALL


def turn_columns(cells, by):
    low = COLUMN * ((1 << by) - 1)
    return cells << by & ALL & ~low | cells >> 16 - by & low


def generation(cells):
    above, below = turn_rows(cells, 15), turn_rows(cells, 1)
    sides = [turn_columns(row, by) for row in (above, cells, below) for by in (1, 15)]
    ones = twos = many = 0
    for neighbours in (above, below, *sides):
        carry = ones & neighbours
        ones ^= neighbours
        many |= twos & carry
        twos ^= carry
    return twos & ~many & (ones | cells)


class Golden(Model):
    cells = None

    def edge(self, i):
        if i.load:
            self.cells = i.data
        elif self.cells is not None:
            self.cells = generation(self.cells)

    def outputs(self, i):
        return self.cells


bench = Bench(Golden, clock="clk", inputs={"load": 1, "data": 256}, outputs={"q": 256})


def play(rng, cells, generations):
    yield {"load": 1, "data": cells}
    yield from bench.random(rng, generations, load=0)


@bench.case
def load(rng):
    return bench.random(rng, 4, load=1)


@bench.case
def small_patterns(rng):
    for cells in (0, ALL, BLOCK, BLINKER, COLUMN, 0xFFFF << 64):
        yield from play(rng, cells, 2)


@bench.case
def glider_crosses_the_edges(rng):
    return play(rng, turn_columns(turn_rows(GLIDER, 13), 13), 16)


@bench.case
def every_cell_counts_its_neighbours(rng):
    """Sparse to dense random fields; most at 3 of 8, where one neighbour more or less is seen
    best: in a fifth of the generations for each cell and each of its neighbours."""
    for eighths, generations in [(1, 2), (2, 2), *[(3, 3)] * 12, (5, 2), (6, 2), (7, 2)]:
        cells = sum((rng.randrange(8) < eighths) << k for k in range(256))
        yield from play(rng, cells, generations)


@bench.case
def random_field(rng):
    yield from play(rng, rng.getrandbits(256), 16)
    yield from bench.random(rng, 8, load=0.3)
