"""adder_8bit: sum with carry in and out."""

from itertl_eval.bench import Bench


def golden(i):
    total = i.a + i.b + i.cin
    return {"sum": total, "cout": total >> 8}


bench = Bench(golden, inputs={"a": 8, "b": 8, "cin": 1}, outputs={"sum": 8, "cout": 1})


@bench.case
def each_bit_alone(rng):
    for bit in range(8):
        for cin in (0, 1):
            yield {"a": 1 << bit, "b": 0, "cin": cin}
            yield {"a": 0, "b": 1 << bit, "cin": cin}
            yield {"a": 1 << bit, "b": 1 << bit, "cin": cin}


@bench.case
def the_carry_runs_through(rng):
    for bit in range(8):
        ones = 255 ^ (1 << bit) - 1
        yield {"a": ones, "b": 1 << bit, "cin": 0}
        yield {"a": (1 << bit) - 1, "b": 0, "cin": 1}
        yield {"a": 255, "b": 0, "cin": bit & 1}


@bench.case
def random_operands(rng):
    return bench.random(rng, 400)
