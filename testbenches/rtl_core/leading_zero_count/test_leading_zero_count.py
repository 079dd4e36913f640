"""leading_zero_count: 32-bit count of leading zeros with a zero flag."""

from itertl_eval.bench import Bench


def golden(i):
    return {"count": 32 - i.data.bit_length(), "zero": i.data == 0}


bench = Bench(golden, inputs={"data": 32}, outputs={"count": 6, "zero": 1})


@bench.case
def every_position(rng):
    """The leading one at each place, with nothing, everything or noise below it."""
    yield {"data": 0}
    for bit in range(32):
        below = (1 << bit) - 1
        for fill in (0, below, rng.getrandbits(32) & below, rng.getrandbits(32) & below):
            yield {"data": 1 << bit | fill}


@bench.case
def corner_words(rng):
    return bench.corners(rng)


@bench.case
def random_lengths(rng):
    """Words of every length with about the same frequency."""
    yield from ({"data": rng.getrandbits(32) >> rng.randrange(33)} for _ in range(300))
