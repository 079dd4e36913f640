"""2012_q1g: Karnaugh map of four variables, one vector x[4:1]."""

from itertl_eval.bench import Bench

GRAY = ["00", "01", "11", "10"]
ROWS = ["1001", "0000", "1110", "1101"]  # one row per x[3]x[4], one column per x[1]x[2]


def golden(i):
    x4, x3, x2, x1 = f"{i.x:04b}"
    return int(ROWS[GRAY.index(x3 + x4)][GRAY.index(x1 + x2)])


bench = Bench(golden, inputs={"x": 4}, outputs={"f": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
