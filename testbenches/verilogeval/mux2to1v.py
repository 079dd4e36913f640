"""mux2to1v: 100-bit multiplexer of two inputs."""

from itertl_eval.bench import Bench

FULL = (1 << 100) - 1


def golden(i):
    return i.b if i.sel else i.a


bench = Bench(golden, inputs={"a": 100, "b": 100, "sel": 1}, outputs={"out": 100})


@bench.case
def chooses_a(rng):
    yield {"sel": 0, "a": 0, "b": FULL}
    yield from ({"a": 1 << bit, "b": FULL ^ 1 << bit} for bit in range(100))
    for item in bench.random(rng, 20, sel=0):
        yield item
        yield {"a": FULL ^ item["a"]}  # this input alone


@bench.case
def chooses_b(rng):
    yield {"sel": 1, "a": FULL, "b": 0}
    yield from ({"a": 1 << bit, "b": FULL ^ 1 << bit} for bit in range(100))
    for item in bench.random(rng, 20, sel=1):
        yield item
        yield {"b": FULL ^ item["b"]}  # this input alone


@bench.case
def only_sel_changes(rng):
    for item in bench.random(rng, 20):
        yield item
        yield {"sel": 1 - item["sel"]}


@bench.case
def random_inputs(rng):
    return bench.random(rng, 100)
