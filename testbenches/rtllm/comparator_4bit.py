"""comparator_4bit: which of two unsigned numbers is larger."""

from itertl_eval.bench import Bench


def golden(i):
    return {"A_greater": i.A > i.B, "A_equal": i.A == i.B, "A_less": i.A < i.B}


bench = Bench(
    golden,
    inputs={"A": 4, "B": 4},
    outputs={"A_greater": 1, "A_equal": 1, "A_less": 1},
)


@bench.case
def every_pair(rng):
    return bench.every()


@bench.case
def every_pair_shuffled(rng):
    rows = list(bench.every())
    rng.shuffle(rows)
    return rows
