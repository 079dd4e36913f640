"""ece241_2014_q5b: serial two's complementer, two-state Mealy machine, asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """Bits pass unchanged up to and including the first one, and inverted after it."""

    def reset(self):
        self.seen_one = 0

    def edge(self, i):
        self.seen_one |= i.x

    def outputs(self, i):
        return i.x ^ self.seen_one


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "x": 1},
    outputs={"z": 1},
)


@bench.case
def complements_every_nibble(rng):
    for number in range(16):
        yield {"areset": 1}
        yield from ({"areset": 0, "x": number >> bit & 1} for bit in range(4))


@bench.case
def output_follows_x_without_a_clock_edge(rng):
    for x in (0, 0, 1, 0, 1):
        yield {"x": x}
        yield from (Hold(x=0), Hold(x=1), Hold(x=0))


@bench.case
def reset_acts_at_once(rng):
    for _ in range(15):
        yield from bench.random(rng, rng.randrange(1, 4), areset=0)
        yield Hold(areset=1)
        yield Hold(areset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 300, areset=0.2, x=0.3)
