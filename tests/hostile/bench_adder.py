"""adder8: y = a + b. A golden-model bench for combinational hostile designs."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: i.a + i.b, inputs={"a": 8, "b": 8}, outputs={"y": 8})


@bench.case
def zero(rng):
    """What a design that does nothing gets right."""
    yield {"a": 0, "b": 0}


@bench.case
def random_sums(rng):
    return bench.random(rng, 200)
