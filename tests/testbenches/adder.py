"""adder: two numbers of four bits."""

from itertl_eval.bench import Bench

bench = Bench(lambda i: i.a + i.b, inputs={"a": 4, "b": 4}, outputs={"sum": 5})


@bench.case
def small(rng):
    return bench.every(b=0)


@bench.case
def every(rng):
    return bench.every()
