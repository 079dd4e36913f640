"""adder_16bit: sum with carry in and out."""

from itertl_eval.bench import Bench


def golden(i):
    total = i.a + i.b + i.Cin
    return {"y": total, "Co": total >> 16}


bench = Bench(golden, inputs={"a": 16, "b": 16, "Cin": 1}, outputs={"y": 16, "Co": 1})


@bench.case
def each_bit_alone(rng):
    for bit in range(16):
        for cin in (0, 1):
            yield {"a": 1 << bit, "b": 0, "Cin": cin}
            yield {"a": 0, "b": 1 << bit, "Cin": cin}
            yield {"a": 1 << bit, "b": 1 << bit, "Cin": cin}


@bench.case
def the_carry_runs_through(rng):
    for bit in range(16):
        yield {"a": 65535 ^ (1 << bit) - 1, "b": 1 << bit, "Cin": 0}
        yield {"a": (1 << bit) - 1, "b": 0, "Cin": 1}
        yield {"a": 65535, "b": 0, "Cin": bit & 1}


@bench.case
def random_operands(rng):
    return bench.random(rng, 400)
