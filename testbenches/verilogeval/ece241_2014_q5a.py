"""ece241_2014_q5a: serial two's complement as a Moore machine, asynchronous reset."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.found_one = False
        self.z = 0

    def edge(self, i):
        self.z = i.x ^ self.found_one
        self.found_one |= i.x

    def outputs(self, i):
        return self.z


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "x": 1},
    outputs={"z": 1},
)


@bench.case
def every_number_of_six_bits(rng):
    for bits in product((0, 1), repeat=6):
        yield {"areset": 1}
        yield from ({"areset": 0, "x": bit} for bit in bits)


@bench.case
def output_waits_for_the_clock(rng):
    for item in bench.random(rng, 80, areset=0.1):
        yield item
        yield from (Hold(x=bit) for bit in (1, 0))


@bench.case
def reset_is_immediate(rng):
    for _ in range(20):
        yield from bench.random(rng, 4, areset=0)
        yield Hold(areset=1)
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.08)
