"""kmap1: Karnaugh map of three variables."""

from itertl_eval.bench import Bench

GRAY = [0b00, 0b01, 0b11, 0b10]
ROWS = ["01", "11", "11", "11"]  # one row per bc, one column per a


def golden(i):
    return int(ROWS[GRAY.index(i.b << 1 | i.c)][i.a])


bench = Bench(golden, inputs=dict.fromkeys("abc", 1), outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
