"""ece241_2013_q4: water reservoir, flow by the level and by the direction of its last change."""

from itertl_eval.bench import Bench, Hold, Model

LEVEL = {0b000: 0, 0b001: 1, 0b011: 2, 0b111: 3}


class Golden(Model):
    def reset(self):
        self.level, self.fell = 0, True

    def edge(self, i):
        level = LEVEL[i.s]
        if level != self.level:
            self.level, self.fell = level, level < self.level

    def outputs(self, i):
        return {
            "fr3": self.level < 1,
            "fr2": self.level < 2,
            "fr1": self.level < 3,
            "dfr": self.fell,  # as published; the task's text says the opposite
        }


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"reset": 1, "s": 3},
    outputs={"fr3": 1, "fr2": 1, "fr1": 1, "dfr": 1},
)
SENSORS = {level: sensors for sensors, level in LEVEL.items()}


def walk(rng, cycles, stay=0.4):
    """A level that stays or moves by one."""
    level = 0
    for _ in range(cycles):
        if rng.random() >= stay:
            level = max(0, min(3, level + rng.choice((-1, 1))))
        yield {"s": SENSORS[level]}


@bench.case
def rises_and_falls(rng):
    for level in (0, 1, 2, 3, 2, 1, 0, 1, 2, 1, 2, 3, 2, 3, 2, 1, 2, 1, 0, 1, 0):
        yield from [{"s": SENSORS[level]}] * 3


@bench.case
def random_walk(rng):
    for item in walk(rng, 300):
        yield item
        yield Hold(s=rng.choice([*LEVEL]))


@bench.case
def reset_from_every_level(rng):
    for count in range(60):
        for item in walk(rng, count % 8, stay=0.2):
            yield {**item, "reset": 0}
        yield {"reset": 1}


@bench.case
def reset_waits_for_the_clock(rng):
    for item in walk(rng, 60):
        yield item
        yield Hold(s=rng.choice([*LEVEL]))
        yield Hold(reset=1)
        yield Hold(item, reset=0)
