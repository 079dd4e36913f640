"""edge_detect: pulses for the edges of a slow signal.

What the signal was during the reset may count or not.
"""

from either import EitherReset

from itertl_eval.bench import Bench


class Golden(EitherReset):
    names = ("rise", "down")

    def clear(self):
        self.before, self.rise, self.down = None, False, False

    def step(self, i):
        self.rise = None if self.before is None and i.a else bool(i.a and self.before == 0)
        self.down = None if self.before is None and not i.a else bool(not i.a and self.before)
        self.before = i.a

    def show(self, i):
        return {"rise": self.rise, "down": self.down}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "a": 1},
    outputs={"rise": 1, "down": 1},
)


@bench.case
def slow(rng):
    for level in (0, 1, 0, 1, 1, 0):
        yield from [{"a": level}] * rng.randrange(2, 6)


@bench.case
def each_cycle(rng):
    yield from ({"a": at & 1} for at in range(20))


@bench.case
def random_levels(rng):
    return bench.random(rng, 300, a=0.5, rst_n=0.03)
