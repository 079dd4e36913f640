"""m2014_q3: Karnaugh map with don't-cares, one vector x[4:1]."""

from itertl_eval.bench import Bench

GRAY = ["00", "01", "11", "10"]
ROWS = ["d0dd", "0d10", "11dd", "110d"]  # one row per x[3]x[4], one column per x[1]x[2]


def golden(i):
    x4, x3, x2, x1 = f"{i.x:04b}"
    cell = ROWS[GRAY.index(x3 + x4)][GRAY.index(x1 + x2)]
    return None if cell == "d" else int(cell)


bench = Bench(golden, inputs={"x": 4}, outputs={"f": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
