"""multi_pipe_4bit: product after two levels of registers."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.first = self.second = 0

    def edge(self, i):
        self.first, self.second = i.mul_a * i.mul_b, self.first

    def outputs(self, i):
        return self.second


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    asynchronous=True,
    inputs={"rst_n": 1, "mul_a": 4, "mul_b": 4},
    outputs={"mul_out": 8},
)


@bench.case
def every_product(rng):
    for a in range(16):
        for b in range(16):
            yield {"mul_a": a, "mul_b": b}
    yield from [{}] * 3


@bench.case
def a_reset_between_two_edges(rng):
    """Both levels of registers fall at once."""
    for _ in range(8):
        yield from bench.random(rng, 3, rst_n=1, mul_a=15, mul_b=15)
        yield Hold(rst_n=0)
        yield {"rst_n": 1}


@bench.case
def random_products(rng):
    return bench.random(rng, 200, rst_n=0.03)
