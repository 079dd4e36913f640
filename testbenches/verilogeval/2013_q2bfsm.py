"""2013_q2bfsm: motor control, a pulse on f, then 1 0 1 on x, then y within two cycles."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model

NEXT = {  # by state: next state for x, y = 00, 01, 10, 11
    "A": ["pulse"] * 4,
    "pulse": ["none"] * 4,
    "none": ["none", "none", "1", "1"],
    "1": ["10", "10", "1", "1"],
    "10": ["none", "none", "first", "first"],
    "first": ["second", "on", "second", "on"],
    "second": ["off", "on", "off", "on"],
    "on": ["on"] * 4,
    "off": ["off"] * 4,
}


class Golden(Model):
    def reset(self):
        self.state = "A"

    def edge(self, i):
        self.state = NEXT[self.state][2 * i.x + i.y]

    def outputs(self, i):
        return {"f": self.state == "pulse", "g": self.state in ("first", "second", "on")}


bench = Bench(
    Golden,
    clock="clk",
    reset="!resetn",
    inputs={"resetn": 1, "x": 1, "y": 1},
    outputs={"f": 1, "g": 1},
)


def run(rng, x, y=""):
    """From reset: `x` from the cycle of f on, then `y`; each other input is random."""
    yield {"resetn": 0}
    for bit in (rng.getrandbits(1), *x):
        yield {"resetn": 1, "x": int(bit), "y": rng.getrandbits(1)}
    for bit in y:
        yield {"x": rng.getrandbits(1), "y": int(bit)}


@bench.case
def f_is_one_pulse(rng):
    for _ in range(6):
        yield from bench.in_reset(rng, 3)
        yield from bench.random(rng, 4, resetn=1)


@bench.case
def finds_1_0_1_on_x(rng):
    for word in product("01", repeat=6):
        yield from run(rng, word)


@bench.case
def y_within_two_cycles(rng):
    for word in product("01", repeat=4):
        yield from run(rng, "0101", word)
        yield from bench.random(rng, 12, resetn=1)


@bench.case
def reset_waits_for_the_clock(rng):
    for item in bench.random(rng, 60, resetn=0.1):
        yield item
        yield Hold(resetn=0)
        yield Hold(resetn=1)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, resetn=0.04)
