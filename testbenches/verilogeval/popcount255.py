"""popcount255: number of ones among 255 bits."""

from itertl_eval.bench import Bench


def golden(i):
    return i["in"].bit_count()


bench = Bench(golden, inputs={"in": 255}, outputs={"out": 8})


@bench.case
def every_count(rng):
    """Filled up from the bottom, so that each bit decides one step."""
    yield from ({"in": (1 << count) - 1} for count in range(256))


@bench.case
def single_bits(rng):
    yield from ({"in": 1 << bit} for bit in rng.sample(range(255), 40))


@bench.case
def random_inputs(rng):
    return bench.random(rng, 60)
