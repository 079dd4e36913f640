"""lemmings2: walker that turns when bumped and falls without ground, asynchronous reset."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.left, self.falling = True, False

    def edge(self, i):
        bumped = i.bump_left if self.left else i.bump_right
        if bumped and i.ground and not self.falling:
            self.left = not self.left
        self.falling = not i.ground

    def outputs(self, i):
        return {
            "walk_left": self.left and not self.falling,
            "walk_right": not self.left and not self.falling,
            "aaah": self.falling,
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "bump_left": 1, "bump_right": 1, "ground": 1},
    outputs={"walk_left": 1, "walk_right": 1, "aaah": 1},
)


@bench.case
def walks_and_turns(rng):
    return bench.random(rng, 100, areset=0, ground=1)


@bench.case
def every_input_in_every_state(rng):
    for turned in (0, 1):
        for ground in (1, 0):
            for item in bench.every("bump_left", "bump_right", "ground"):
                yield {"areset": 1}
                yield {"areset": 0, "bump_left": turned, "bump_right": 0, "ground": 1}
                yield {"bump_left": 0, "ground": ground}
                yield item
                yield {"bump_left": 0, "bump_right": 0, "ground": 1}


@bench.case
def falls_keep_the_direction(rng):
    for item in bench.random(rng, 30, areset=0, ground=1):
        yield item
        yield from bench.random(rng, rng.randrange(6), areset=0, ground=0)
        yield from bench.random(rng, 1, areset=0, ground=1)


@bench.case
def reset_is_immediate(rng):
    for item in bench.random(rng, 60, areset=0, ground=0.7):
        yield item
        yield Hold(areset=1)
        yield Hold(areset=0)
        yield from bench.random(rng, 2, areset=0, ground=0.7)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400, areset=0.04, ground=0.7)
