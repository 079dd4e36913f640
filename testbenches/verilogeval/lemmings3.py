"""lemmings3: walks, turns when bumped, falls without ground and digs when told."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.doing, self.left = "walk", True

    def edge(self, i):
        if not i.ground:
            self.doing = "fall"
        elif self.doing == "fall":
            self.doing = "walk"
        elif self.doing == "walk":
            if i.dig:
                self.doing = "dig"
            elif i.bump_left if self.left else i.bump_right:
                self.left = not self.left

    def outputs(self, i):
        return {
            "walk_left": self.doing == "walk" and self.left,
            "walk_right": self.doing == "walk" and not self.left,
            "aaah": self.doing == "fall",
            "digging": self.doing == "dig",
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="areset",
    asynchronous=True,
    inputs={"areset": 1, "bump_left": 1, "bump_right": 1, "ground": 1, "dig": 1},
    outputs={"walk_left": 1, "walk_right": 1, "aaah": 1, "digging": 1},
)

CALM = {"areset": 0, "bump_left": 0, "bump_right": 0, "ground": 1, "dig": 0}
TURN = CALM | {"bump_left": 1}
DIG = CALM | {"dig": 1}
DROP = CALM | {"ground": 0}


@bench.case
def turns_when_bumped(rng):
    yield CALM
    yield from bench.random(rng, 60, areset=0, ground=1, dig=0)


@bench.case
def every_input_in_every_state(rng):
    """Afterwards a fall and a landing, which show the direction."""
    for way_in in ([], [TURN], [DIG], [TURN, DIG], [DROP], [TURN, DROP]):
        for item in bench.every("bump_left", "bump_right", "ground", "dig"):
            yield {"areset": 1}
            yield from (*way_in, CALM | item, DROP, CALM)


@bench.case
def long_digs_and_falls(rng):
    yield TURN
    for activity in (DIG, DROP, DIG, DROP, DROP, DIG):
        yield from (activity, *bench.random(rng, 12, areset=0, ground=activity["ground"]))
        yield from (DROP, CALM)


@bench.case
def reset_acts_at_once(rng):
    """From walking right, falling and digging, on either side of the reset."""
    for way_in in ([TURN], [DROP], [DIG], [TURN, DROP], [TURN, DIG]):
        yield from way_in
        yield Hold(areset=1)
        yield Hold(TURN | {"areset": 1})
        yield Hold(CALM)
        yield CALM


@bench.case
def random_inputs(rng):
    return bench.random(rng, 500, areset=0.03, ground=0.75, dig=0.25)
