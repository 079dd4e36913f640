"""axis_register_slice: two-beat AXI4-Stream slice, every path registered."""

from itertl_eval.bench import Bench, Hold, Model

BEAT = ("tdata", "tkeep", "tlast")


class Golden(Model):
    def reset(self):
        self.beats = []

    def edge(self, i):
        take = i.s_axis_tvalid and len(self.beats) < 2
        if self.beats and i.m_axis_tready:
            self.beats = self.beats[1:]
        if take:
            self.beats = [*self.beats, {name: i[f"s_axis_{name}"] for name in BEAT}]

    def outputs(self, i):
        shown = self.beats[0] if self.beats else dict.fromkeys(BEAT)
        return {
            "s_axis_tready": len(self.beats) < 2,
            "m_axis_tvalid": bool(self.beats),
            **{f"m_axis_{name}": value for name, value in shown.items()},
        }


WIDTHS = {"tdata": 32, "tkeep": 4, "tlast": 1}
bench = Bench(
    Golden,
    clock="aclk",
    reset="!aresetn",
    inputs={
        **{"aresetn": 1, "s_axis_tvalid": 1, "m_axis_tready": 1},
        **{f"s_axis_{name}": width for name, width in WIDTHS.items()},
    },
    outputs={
        **{"s_axis_tready": 1, "m_axis_tvalid": 1},
        **{f"m_axis_{name}": width for name, width in WIDTHS.items()},
    },
)


@bench.case
def full_throughput(rng):
    """Source and sink always ready: one beat per cycle, one cycle of latency."""
    return bench.stream(rng, 40, "s_axis_t", aresetn=0.0, s_axis_tvalid=1, m_axis_tready=1)


@bench.case
def back_pressure(rng):
    """The sink stops for one to four cycles in the middle of a stream, then drains."""
    for stop in range(1, 5):
        for ready in [1] * 3 + [0] * stop + [1] * 4:
            yield from bench.random(rng, 1, aresetn=0.0, s_axis_tvalid=1, m_axis_tready=ready)
        yield from ({"s_axis_tvalid": 0} for _ in range(3))


@bench.case
def waits_while_full(rng):
    yield from bench.random(rng, 12, aresetn=0.0, s_axis_tvalid=1, m_axis_tready=0)
    yield from bench.random(rng, 6, aresetn=0.0, s_axis_tvalid=0, m_axis_tready=1)


@bench.case
def outputs_wait_for_the_clock(rng):
    """Inputs that change between clock edges reach no output."""
    for stored in range(4):
        yield {"aresetn": 0}
        yield from bench.random(rng, stored, aresetn=0.0, s_axis_tvalid=1, m_axis_tready=0)
        for valid, ready in ((0, 0), (0, 1), (1, 1), (1, 0)):
            yield Hold(aresetn=1, s_axis_tvalid=valid, m_axis_tready=ready)
        yield Hold(aresetn=0)
        yield Hold(aresetn=1, s_axis_tvalid=0, m_axis_tready=0)
        yield {}


@bench.case
def reset_in_traffic(rng):
    return bench.stream(rng, 150, "s_axis_t", aresetn=0.08, s_axis_tvalid=0.8)


@bench.case
def random_traffic(rng):
    for offers, readies in ((0.5, 0.5), (0.9, 0.4), (0.4, 0.9)):
        weights = {"aresetn": 0.0, "s_axis_tvalid": offers, "m_axis_tready": readies}
        yield from bench.stream(rng, 100, "s_axis_t", **weights)
        yield {"aresetn": 0}
