"""up_down_counter: 16 bits, in either direction, around both ends."""

from either import EitherReset

from itertl_eval.bench import Bench, Run


class Golden(EitherReset):
    port, active = "reset", 1

    def clear(self):
        self.count = 0

    def step(self, i):
        self.count = self.count + (1 if i.up_down else -1) & 0xFFFF

    def show(self, i):
        return self.count


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "up_down": 1},
    outputs={"count": 16},
)


@bench.case
def up_and_down(rng):
    for up in (1, 0, 1, 0):
        yield from [{"up_down": up}] * rng.randrange(5, 30)


@bench.case
def around_the_ends(rng):
    yield from [{"up_down": 0}] * 4
    yield from [{"up_down": 1}] * 8
    yield from [{"up_down": 0}] * 8


@bench.case
def through_all_counts(rng):
    for _ in range(64):
        yield Run(1023, up_down=1)
        yield {"up_down": 1}
    yield from [{"up_down": 1}] * 3
    yield from [{"up_down": 0}] * 6
    for _ in range(64):
        yield Run(1023, up_down=0)
        yield {"up_down": 0}


@bench.case
def random_steps(rng):
    return bench.random(rng, 300, up_down=0.5, reset=0.03)
