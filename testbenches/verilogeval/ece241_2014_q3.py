"""ece241_2014_q3: Karnaugh map split over the data inputs of a 4-to-1 multiplexer."""

from itertl_eval.bench import Bench

GRAY = [0b00, 0b01, 0b11, 0b10]
# Erratum: the map shows a 1 at cd=11, ab=10; the published test has 0 (mux_in[2] = ~d).
ROWS = ["0001", "1000", "1010", "1001"]  # one row per cd, one column per ab


def golden(i):
    row = ROWS[GRAY.index(i.c << 1 | i.d)]
    return sum(int(row[GRAY.index(ab)]) << ab for ab in range(4))


bench = Bench(golden, inputs={"c": 1, "d": 1}, outputs={"mux_in": 4})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 150)
