"""pe: multiply and accumulate, 32 bits."""

from itertl_eval.bench import Bench, Model


class Golden(Model):
    def reset(self):
        self.total = 0

    def edge(self, i):
        self.total += i.a * i.b

    def outputs(self, i):
        return self.total


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    asynchronous=True,
    inputs={"rst": 1, "a": 32, "b": 32},
    outputs={"c": 32},
)


@bench.case
def single_bits(rng):
    for bit in range(32):
        yield {"a": 1 << bit, "b": 1}
        yield {"a": 1, "b": 1 << bit}


@bench.case
def nothing_is_added_for_a_zero(rng):
    yield {"a": 7, "b": 9}
    for _ in range(10):
        yield {"a": 0, "b": rng.getrandbits(32)}
        yield {"a": rng.getrandbits(32), "b": 0}


@bench.case
def random_operands(rng):
    return bench.random(rng, 300, rst=0.03)
