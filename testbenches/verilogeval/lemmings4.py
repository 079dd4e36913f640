"""lemmings4: walker that turns, falls, digs and splatters, asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.left, self.digging, self.fallen, self.dead = True, False, 0, False

    def edge(self, i):
        if self.dead:
            return
        if not i.ground:
            self.digging = False
            self.fallen += 1
        elif self.fallen:
            self.dead = self.fallen > 20
            self.fallen = 0
        elif i.dig or self.digging:
            self.digging = True
        elif i.bump_left if self.left else i.bump_right:
            self.left = not self.left

    def outputs(self, i):
        walking = not (self.dead or self.digging or self.fallen)
        return {
            "walk_left": walking and self.left,
            "walk_right": walking and not self.left,
            "aaah": self.fallen > 0,
            "digging": self.digging,
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "bump_left": 1, "bump_right": 1, "ground": 1, "dig": 1},
    outputs={"walk_left": 1, "walk_right": 1, "aaah": 1, "digging": 1},
)
IDLE = {"areset": 0, "bump_left": 0, "bump_right": 0, "ground": 1, "dig": 0}


def fall(rng, cycles):
    """From reset: turn perhaps, dig perhaps, fall for `cycles`, then any inputs."""
    yield {"areset": 1}
    yield {**IDLE, "bump_left": rng.getrandbits(1)}
    yield {**IDLE, "dig": rng.getrandbits(1)}
    yield from bench.random(rng, cycles, areset=0, ground=0)
    yield from bench.random(rng, 6, areset=0, ground=0.8)


@bench.case
def every_input_in_every_state(rng):
    """Walking, digging and falling, both ways."""
    for turned in (0, 1):
        for way in ({}, {"dig": 1}, {"ground": 0}):
            for item in bench.every(areset=0):
                yield {"areset": 1}
                yield {**IDLE, "bump_left": turned}
                yield {**IDLE, **way}
                yield item
                yield IDLE


@bench.case
def falls_around_the_limit(rng):
    for cycles in (*range(14, 27), 19, 20, 21, 22):
        yield from fall(rng, cycles)


@bench.case
def long_falls(rng):
    """Every one is deadly, also when it is long enough to wrap a counter."""
    for cycles in (31, 32, 33, 34, 40, 52, 63, 64, 65, 84, 127, 128, 129, 148, 256, 257, 276):
        yield from fall(rng, cycles)


@bench.case
def falls_do_not_add_up(rng):
    """Two falls with nothing but a walk or a dig between them, the second deadly or not."""
    for first in (1, 10, 19, 20):
        for second in (1, 19, 20, 21):
            for dig in (0, 1):
                yield from bench.in_reset(rng, 1)
                yield from [{**IDLE, "ground": 0}] * first
                yield from [IDLE] * 2
                yield from [{**IDLE, "dig": dig}] * 2
                yield from [{**IDLE, "ground": 0}] * second
                yield from [IDLE] * 2


@bench.case
def reset_is_immediate(rng):
    for cycles in (0, 1, 5, 20, 21, 22, 0, 1, 19, 20):
        yield from fall(rng, cycles)
        yield Hold(areset=1)
        yield Hold({**IDLE, "areset": 0})
        yield from bench.random(rng, 20, areset=0, ground=0)
        yield from bench.random(rng, 6, areset=0, ground=1)


@bench.case
def reset_forgets_the_fall(rng):
    """What was fallen before a reset counts no more."""
    for before, after in ((1, 20), (10, 19), (19, 20), (20, 1), (21, 1), (25, 20), (40, 5)):
        yield {**IDLE, "areset": 1}
        yield from bench.random(rng, before, areset=0, ground=0)
        yield Hold(areset=1)
        yield Hold(areset=0)
        yield from bench.random(rng, after, areset=0, ground=0)
        yield from bench.random(rng, 4, areset=0, ground=1)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 600, areset=0.03, ground=0.7, dig=0.3)
