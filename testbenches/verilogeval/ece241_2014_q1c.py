"""ece241_2014_q1c: 8-bit signed adder with an overflow flag."""

from itertl_eval.bench import Bench


def signed(value):
    return value - 256 if value & 0x80 else value


def golden(i):
    total = signed(i.a) + signed(i.b)
    return {"s": total, "overflow": not -128 <= total <= 127}


bench = Bench(golden, inputs={"a": 8, "b": 8}, outputs={"s": 8, "overflow": 1})


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def limits_of_the_range(rng):
    """Sums on both sides of the largest and the smallest number, and of zero."""
    for a in (0, 1, 0x3F, 0x40, 0x7F, 0x80, 0x81, 0xC0, 0xFF, *rng.sample(range(256), 8)):
        for total in (-130, -129, -128, -127, -1, 0, 1, 126, 127, 128, 129):
            yield {"a": a, "b": total - signed(a) & 0xFF}


@bench.case
def random_sums(rng):
    return bench.random(rng, 300)
