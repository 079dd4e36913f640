"""adder_32bit: carry-lookahead adder without a carry in."""

from itertl_eval.bench import Bench


def golden(i):
    total = i.A + i.B
    return {"S": total, "C32": total >> 32}


bench = Bench(golden, inputs={"A": 32, "B": 32}, outputs={"S": 32, "C32": 1})


@bench.case
def each_bit_alone(rng):
    for bit in range(32):
        yield {"A": 1 << bit, "B": 0}
        yield {"A": 0, "B": 1 << bit}
        yield {"A": 1 << bit, "B": 1 << bit}


@bench.case
def the_carry_runs_through(rng):
    for low in range(32):
        for high in range(low, 32, 3):
            ones = (1 << high + 1) - (1 << low)
            yield {"A": ones, "B": 1 << low}
            yield {"A": 1 << low, "B": ones | rng.getrandbits(32) & ~((2 << high) - 1)}


@bench.case
def every_bit_propagates_and_none_generates(rng):
    """Blocks that pass a carry on must not make one."""
    for low in range(32):
        for high in range(low, 32, 5):
            ones = (1 << high + 1) - (1 << low)
            half = rng.getrandbits(32) & ones
            yield {"A": half, "B": ones ^ half}
            yield {"A": ones, "B": 0}


@bench.case
def random_operands(rng):
    return bench.random(rng, 500)
