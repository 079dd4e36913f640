"""conditional: minimum of four unsigned bytes."""

from itertools import permutations

from itertl_eval.bench import Bench


def golden(i):
    return min(i.a, i.b, i.c, i.d)


bench = Bench(golden, inputs=dict.fromkeys("abcd", 8), outputs={"min": 8})


@bench.case
def every_ranking(rng):
    """Around 0x80 a signed comparison shows."""
    for values in ((0, 1, 2, 3), (0x7E, 0x7F, 0x80, 0x81), (0x01, 0x10, 0x80, 0xFF)):
        yield from (dict(zip("abcd", order, strict=True)) for order in permutations(values))


@bench.case
def equal_values(rng):
    return bench.random(rng, 100, **dict.fromkeys("abcd", (0x00, 0x55, 0xFF)))


@bench.case
def corner_values(rng):
    return bench.corners(rng)


@bench.case
def random_values(rng):
    return bench.random(rng, 300)
