"""sub_64bit: signed difference with an overflow flag."""

from itertl_eval.bench import Bench

SIGN = 1 << 63


def golden(i):
    result = i.A - i.B & (1 << 64) - 1
    overflow = bool((i.A ^ i.B) & (i.A ^ result) & SIGN)
    return {"result": result, "overflow": overflow}


bench = Bench(golden, inputs={"A": 64, "B": 64}, outputs={"result": 64, "overflow": 1})
EDGES = (0, 1, 2, SIGN - 1, SIGN, SIGN + 1, 2 * SIGN - 2, 2 * SIGN - 1)


@bench.case
def extremes(rng):
    for a in EDGES:
        for b in EDGES:
            yield {"A": a, "B": b}


@bench.case
def each_bit_alone(rng):
    for bit in range(64):
        yield {"A": 1 << bit, "B": 0}
        yield {"A": 0, "B": 1 << bit}
        yield {"A": 1 << bit, "B": 1}


@bench.case
def random_operands(rng):
    for _ in range(400):
        yield {"A": rng.getrandbits(64), "B": rng.getrandbits(64)}
        yield {"A": rng.getrandbits(62) | SIGN, "B": rng.getrandbits(62) | 1 << 62}
