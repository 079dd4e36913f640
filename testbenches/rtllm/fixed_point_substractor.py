"""fixed_point_subtractor: sign and magnitude, compared where the specification is clear.

With equal signs it says what a - b is only for |a| >= |b|. With different signs the magnitudes
add up; which sign the sum has is clear only for |a| > |b|. The sign of a zero is left out.
"""

from itertl_eval.bench import Bench, Care

SIGN = 1 << 31
MAGNITUDE = SIGN - 1


def golden(i):
    a, b = i.a & MAGNITUDE, i.b & MAGNITUDE
    if (i.a ^ i.b) & SIGN:
        total = a + b & MAGNITUDE
        return i.a & SIGN | total if a > b and total else Care(total, MAGNITUDE)
    if a > b:
        return i.a & SIGN | a - b
    return Care(0, MAGNITUDE) if a == b else None


bench = Bench(golden, inputs={"a": 32, "b": 32}, outputs={"c": 32})


@bench.case
def signs_and_extremes(rng):
    for a in (0, 1, 2, 1 << 15, MAGNITUDE - 1, MAGNITUDE):
        for b in (0, 1, 2, 1 << 15, MAGNITUDE - 1, MAGNITUDE):
            for signs in range(4):
                yield {"a": a | (signs & 1) << 31, "b": b | (signs >> 1) << 31}


@bench.case
def the_larger_first(rng):
    for _ in range(300):
        b, a = sorted(rng.getrandbits(31) for _ in range(2))
        signs = rng.getrandbits(2)
        yield {"a": a | (signs & 1) << 31, "b": b | (signs >> 1) << 31}


@bench.case
def random_operands(rng):
    return bench.random(rng, 400)
