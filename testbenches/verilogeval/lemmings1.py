"""lemmings1: walks left or right and turns when bumped from the front."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.left = True

    def edge(self, i):
        if i.bump_left if self.left else i.bump_right:
            self.left = not self.left

    def outputs(self, i):
        return {"walk_left": self.left, "walk_right": not self.left}


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "bump_left": 1, "bump_right": 1},
    outputs={"walk_left": 1, "walk_right": 1},
)


@bench.case
def every_bump_in_both_directions(rng):
    for turn in ("bump_right", "bump_left"):
        for item in bench.every("bump_left", "bump_right"):
            yield {"bump_left": 0, "bump_right": 0, turn: 1}
            yield from (item, {"bump_left": 0, "bump_right": 0})


@bench.case
def reset_acts_at_once(rng):
    for item in [*bench.every("bump_left", "bump_right")] * 4:
        yield {"bump_left": 1, "bump_right": 0}
        yield Hold(areset=1)
        yield Hold(item)
        yield Hold(areset=0)


@bench.case
def random_bumps(rng):
    return bench.random(rng, 300, areset=0.05)
