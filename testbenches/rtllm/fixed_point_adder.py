"""fixed_point_adder: sign and magnitude, N = 32 bits of which Q = 15 are fractional."""

from itertl_eval.bench import Bench

SIGN = 1 << 31


def golden(i):
    a, b = i.a & SIGN - 1, i.b & SIGN - 1
    if not (i.a ^ i.b) & SIGN:
        return a + b & SIGN - 1 | i.a & SIGN
    sign = (i.a if a > b else i.b) & SIGN
    return abs(a - b) | sign if a != b else 0


bench = Bench(golden, inputs={"a": 32, "b": 32}, outputs={"c": 32})


@bench.case
def signs_and_extremes(rng):
    for a in (0, 1, 2, 1 << 15, SIGN - 2, SIGN - 1):
        for b in (0, 1, 2, 1 << 15, SIGN - 2, SIGN - 1):
            for signs in range(4):
                yield {"a": a | (signs & 1) << 31, "b": b | (signs >> 1) << 31}


@bench.case
def differences_of_one_bit(rng):
    for bit in range(31):
        smaller = rng.randrange(SIGN - (1 << bit))
        pair = smaller, smaller + (1 << bit)
        for a, b in (pair, pair[::-1]):
            yield {"a": a, "b": b | SIGN}
            yield {"a": a | SIGN, "b": b}


@bench.case
def equal_magnitudes(rng):
    for _ in range(80):
        magnitude = rng.getrandbits(31)
        for signs in range(4):
            yield {"a": magnitude | (signs & 1) << 31, "b": magnitude | (signs >> 1) << 31}


@bench.case
def random_operands(rng):
    return bench.random(rng, 600)
