"""adder_bcd: sum of two decimal digits. Inputs above 9 are not digits and are not tested."""

from itertools import product

from itertl_eval.bench import Bench


def golden(i):
    total = i.A + i.B + i.Cin
    return {"Sum": total % 10, "Cout": total > 9}


bench = Bench(golden, inputs={"A": 4, "B": 4, "Cin": 1}, outputs={"Sum": 4, "Cout": 1})


@bench.case
def every_pair_of_digits(rng):
    rows = [{"A": a, "B": b, "Cin": c} for a, b, c in product(range(10), range(10), (0, 1))]
    yield from rows
    rng.shuffle(rows)
    yield from rows


@bench.case
def carry_in_alone(rng):
    for _ in range(60):
        a, b = rng.randrange(10), rng.randrange(10)
        for cin in (0, 1, 0):
            yield {"A": a, "B": b, "Cin": cin}
