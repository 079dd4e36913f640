"""debouncer: synchroniser, eight equal samples, and pulses for press and release."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """Keeps the last ten samples: eight that decide, two still in the synchroniser."""

    def reset(self):
        self.samples = [0] * 10
        self.clean = self.pressed = self.released = 0

    def edge(self, i):
        self.samples = [*self.samples[1:], i.noisy]
        before = self.clean
        if all(sample != self.clean for sample in self.samples[:8]):
            self.clean = 1 - self.clean
        self.pressed = self.clean > before
        self.released = self.clean < before

    def outputs(self, i):
        return {"clean": self.clean, "pressed": self.pressed, "released": self.released}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "noisy": 1},
    outputs={"clean": 1, "pressed": 1, "released": 1},
)


def level(value, cycles):
    yield from ({"noisy": value} for _ in range(cycles))


@bench.case
def press_and_release(rng):
    yield from level(1, 14)
    yield from level(0, 14)


@bench.case
def pulses_of_every_length(rng):
    """From one to twelve samples, in both directions; eight are enough."""
    for length in range(1, 13):
        yield from level(1, length)
        yield from level(0, 13)
    yield from level(1, 13)
    for length in range(1, 13):
        yield from level(0, length)
        yield from level(1, 13)


@bench.case
def one_wrong_sample_starts_anew(rng):
    for new in (1, 0):
        yield from level(1 - new, 13)
        for place in range(1, 9):
            yield from level(new, place)
            yield from level(1 - new, 1)
            yield from level(new, 7)
            yield from level(1 - new, 12)


@bench.case
def glitches_between_clock_edges(rng):
    for _ in range(12):
        yield Hold(noisy=1)
        yield {"noisy": 0}


@bench.case
def reset_while_pressed(rng):
    """At every stage of a press; the button stays down."""
    for stage in range(1, 13):
        yield {"rst": 0, "noisy": 1}
        yield from level(1, stage)
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield {"rst": 1}
    yield {"rst": 0}
    yield from level(1, 12)


@bench.case
def random_bouncing(rng):
    value = 0
    for _ in range(60):
        for _ in range(rng.randrange(5)):
            yield from level(rng.getrandbits(1), 1)
        value ^= 1
        yield from ({"rst": rng.random() < 0.005, "noisy": value} for _ in range(rng.randrange(15)))
