"""quadrature_decoder: four counts per period, direction, error on a double change."""

from itertl_eval.bench import Bench, Hold, Model

SEQUENCE = ((0, 0), (1, 0), (1, 1), (0, 1))


class Golden(Model):
    """`pair` is what the next clock edge samples, in reset too."""

    pair = (0, 0)

    def settle(self, i):
        self.pair = (i.a, i.b)

    def reset(self):
        self.last = self.pair
        self.position, self.forward, self.error = 0, 1, 0

    def edge(self, i):
        turned = (SEQUENCE.index(self.pair) - SEQUENCE.index(self.last)) % 4
        self.last = self.pair
        if turned == 2:
            self.error = 1
        elif turned:
            self.forward = int(turned == 1)
            self.position += 1 if self.forward else -1
        if i.clear:
            self.position = 0

    def outputs(self, i):
        return {"position": self.position, "forward": self.forward, "error": self.error}


bench = Bench(
    Golden,
    clock="clk",
    reset="!rst_n",
    inputs={"rst_n": 1, "a": 1, "b": 1, "clear": 1},
    outputs={"position": 8, "forward": 1, "error": 1},
)


def turn(steps, start=0):
    """Pairs of a shaft that makes one step per entry: 1, -1, 0, or 2 for a double change."""
    place = start
    yield {"rst_n": 0, **dict(zip("ab", SEQUENCE[place], strict=True)), "clear": 0}
    for step in steps:
        place = (place + step) % 4
        yield {"rst_n": 1, **dict(zip("ab", SEQUENCE[place], strict=True))}


@bench.case
def forward_and_backward(rng):
    """Through both ends of the range."""
    yield from turn([1] * 135 + [-1] * 145)


@bench.case
def every_change_of_the_tracks(rng):
    for start in range(4):
        for step in (0, 1, 2, -1):
            yield from turn([step, 0, 0, 1, -1, -1], start)


@bench.case
def errors_stay(rng):
    yield from turn([1, 1, 2, 0, 1, 1, -1, 0, 2, 1])
    yield from turn([1, 1])


@bench.case
def clears(rng):
    """With a step in either direction, without one, and with a double change."""
    for step in (1, -1, 0, 2):
        yield from turn([1, 1, 1])
        pair = SEQUENCE[(3 + step) % 4]
        yield {"a": pair[0], "b": pair[1], "clear": 1}
        yield {"clear": 0}
        yield {}


@bench.case
def changes_between_clock_edges(rng):
    yield from turn([1, 1])
    for k in range(6):
        yield Hold(a=k & 1, b=k >> 1 & 1, clear=1)
        yield Hold(rst_n=0)
        yield Hold(rst_n=1, clear=0)
        yield {"a": 1, "b": 1}


@bench.case
def random_shaft(rng):
    for _ in range(3):
        yield from turn(rng.choices((1, -1, 0, 2), (40, 30, 20, 1), k=150), rng.randrange(4))
    yield from bench.random(rng, 150, rst_n=0.05, clear=0.1)
