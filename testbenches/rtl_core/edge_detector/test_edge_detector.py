"""edge_detector: registered rising and falling edge flags of eight channels."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """`level` is what the next clock edge samples, in reset too."""

    level = 0

    def settle(self, i):
        self.level = i.signal

    def reset(self):
        self.rise = self.fall = 0
        self.previous = self.level

    def edge(self, i):
        self.rise = self.level & ~self.previous
        self.fall = self.previous & ~self.level
        self.previous = self.level

    def outputs(self, i):
        return {"rise": self.rise, "fall": self.fall, "any_edge": bool(self.rise | self.fall)}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "signal": 8},
    outputs={"rise": 8, "fall": 8, "any_edge": 1},
)


@bench.case
def one_channel_at_a_time(rng):
    for k in range(8):
        yield from ({"signal": level << k} for level in (0, 1, 1, 0, 0, 1, 0, 1))


@bench.case
def changes_between_clock_edges_are_not_seen(rng):
    yield {"signal": 0x0F}
    for _ in range(4):
        yield Hold(signal=0xF0)
        yield {"signal": 0x0F}


@bench.case
def level_during_reset_is_no_edge(rng):
    for level in (0xFF, 0x00, 0x5A, rng.getrandbits(8)):
        yield {"rst": 1, "signal": level ^ 0xFF}
        yield {"signal": level}
        yield {"rst": 0}
        yield {}
        yield {"signal": level ^ 0x3C}


@bench.case
def reset_hides_edges(rng):
    yield {"signal": 0x00}
    yield {"signal": 0xFF, "rst": 1}
    yield {"signal": 0xFF, "rst": 0}
    yield {"signal": 0x00}
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield {"signal": 0xFF}


@bench.case
def random_levels(rng):
    yield from bench.random(rng, 300, rst=0.05)
    for _ in range(150):
        yield {"rst": 0, "signal": 1 << rng.randrange(8) if rng.random() < 0.5 else 0}
