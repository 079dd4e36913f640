"""kmap2: Karnaugh map of four variables."""

from itertl_eval.bench import Bench

GRAY = [0b00, 0b01, 0b11, 0b10]
ROWS = ["1101", "1001", "0111", "1100"]  # one row per cd, one column per ab


def golden(i):
    return int(ROWS[GRAY.index(i.c << 1 | i.d)][GRAY.index(i.a << 1 | i.b)])


bench = Bench(golden, inputs=dict.fromkeys("abcd", 1), outputs={"out": 1})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 200)
