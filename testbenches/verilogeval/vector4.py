"""vector4: sign extension from 8 to 32 bits."""

from itertl_eval.bench import Bench


def golden(i):
    value = i["in"]
    return value - 0x100 if value & 0x80 else value


bench = Bench(golden, inputs={"in": 8}, outputs={"out": 32})


@bench.case
def truth_table(rng):
    return bench.every()


@bench.case
def random_order(rng):
    return bench.random(rng, 300)
