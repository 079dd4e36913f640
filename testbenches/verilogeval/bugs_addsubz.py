"""bugs_addsubz: 8-bit adder-subtractor with a zero flag."""

from itertl_eval.bench import Bench


def golden(i):
    result = (i.a - i.b if i.do_sub else i.a + i.b) & 0xFF
    return {"out": result, "result_is_zero": result == 0}


bench = Bench(
    golden,
    inputs={"do_sub": 1, "a": 8, "b": 8},
    outputs={"out": 8, "result_is_zero": 1},
)


@bench.case
def adds(rng):
    yield from bench.corners(rng, do_sub=0)
    yield from bench.random(rng, 100, do_sub=0)


@bench.case
def subtracts(rng):
    yield from bench.corners(rng, do_sub=1)
    yield from bench.random(rng, 100, do_sub=1)


@bench.case
def zero_flag(rng):
    """Zero and its neighbours: results that have only one bit set, and the flag's release."""
    for a in (0, 1, 0x7F, 0x80, 0xFF, *(rng.getrandbits(8) for _ in range(8))):
        for result in (0, *(1 << bit for bit in range(8)), 0, 0xFF):
            yield {"do_sub": 1, "a": a, "b": a - result & 0xFF}
            yield {"do_sub": 0, "a": a, "b": result - a & 0xFF}


@bench.case
def random_operations(rng):
    return bench.random(rng, 300)
