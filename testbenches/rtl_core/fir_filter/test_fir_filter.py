"""fir_filter: five symmetric taps on signed bytes, full precision."""

from itertl_eval.bench import Bench, Hold, Model

TAPS = (-1, 3, 7, 3, -1)


def signed(byte):
    return (byte & 0xFF ^ 0x80) - 0x80


class Golden(Model):
    def reset(self):
        self.samples, self.result, self.valid = [], 0, 0

    def edge(self, i):
        if i.clear:
            self.samples = []
        self.valid = i.in_valid
        if i.in_valid:
            self.samples = [signed(i.sample), *self.samples][:5]
            self.result = sum(tap * x for tap, x in zip(TAPS, self.samples, strict=False))

    def outputs(self, i):
        return {"out_valid": self.valid, "result": self.result}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "clear": 1, "in_valid": 1, "sample": 8},
    outputs={"out_valid": 1, "result": 12},
)


def samples(*values):
    yield from ({"clear": 0, "in_valid": 1, "sample": value} for value in values)


@bench.case
def impulses(rng):
    """One sample among zeros shows the taps."""
    for height in (1, -1, 127, -128):
        yield from samples(height, *[0] * 6)


@bench.case
def extreme_sums(rng):
    """The samples that drive the result to its ends, and full-scale steps."""
    yield from samples(-128, 127, 127, 127, -128, 127, -128, -128, -128, 127)
    yield from samples(*[127] * 6, *[-128] * 6, *[127] * 6)


@bench.case
def pauses(rng):
    yield from bench.random(rng, 120, rst=0, clear=0, in_valid=0.4)


@bench.case
def clears(rng):
    """With a sample and without one, after different numbers of samples."""
    for count in range(1, 6):
        for valid in (0, 1):
            yield from samples(*(rng.getrandbits(8) for _ in range(count)))
            yield {"clear": 1, "in_valid": valid, "sample": 99}
            yield from samples(*(rng.getrandbits(8) for _ in range(count)))


@bench.case
def reset_in_a_sequence(rng):
    for count in range(1, 6):
        yield {"rst": 0, "clear": 0, "in_valid": 1, "sample": 55}
        yield from samples(*range(40, 40 + count))
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield from samples(1)
        yield {"rst": 1, "sample": 77}
    yield {"rst": 0}
    yield from samples(1, 2, 3)


@bench.case
def random_samples(rng):
    return bench.random(rng, 300, rst=0.01, clear=0.04, in_valid=0.8)
