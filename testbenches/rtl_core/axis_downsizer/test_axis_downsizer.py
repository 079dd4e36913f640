"""axis_downsizer: AXI4-Stream words split into those of their bytes that count."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """The bytes of the stored word that are still to come, each with its last flag."""

    def reset(self):
        self.bytes = []

    def ready(self, i):
        return len(self.bytes) <= i.m_axis_tready

    def edge(self, i):
        take = i.s_axis_tvalid and self.ready(i)
        if i.m_axis_tready:
            self.bytes = self.bytes[1:]
        if take:
            kept = [i.s_axis_tdata >> 8 * k & 0xFF for k in range(4) if i.s_axis_tkeep >> k & 1]
            self.bytes = [(byte, 0) for byte in kept]
            if kept:
                self.bytes[-1] = (kept[-1], i.s_axis_tlast)

    def outputs(self, i):
        data, last = self.bytes[0] if self.bytes else (None, None)
        return {
            "s_axis_tready": self.ready(i),
            "m_axis_tvalid": bool(self.bytes),
            "m_axis_tdata": data,
            "m_axis_tlast": last,
        }


bench = Bench(
    Golden,
    clock="aclk",
    reset="!aresetn",
    inputs={
        **{"aresetn": 1, "m_axis_tready": 1},
        **{"s_axis_tvalid": 1, "s_axis_tdata": 32, "s_axis_tkeep": 4, "s_axis_tlast": 1},
    },
    outputs={"s_axis_tready": 1, "m_axis_tvalid": 1, "m_axis_tdata": 8, "m_axis_tlast": 1},
)


@bench.case
def every_set_of_bytes(rng):
    """All values of keep, with and without last, one word at a time."""
    for item in bench.every("s_axis_tkeep", "s_axis_tlast", s_axis_tvalid=1, m_axis_tready=1):
        yield {**item, "s_axis_tdata": rng.getrandbits(32)}
        yield from ({"s_axis_tvalid": 0} for _ in range(4))


@bench.case
def full_throughput(rng):
    """Four bytes per word without a gap, then words of every kind back to back."""
    yield from bench.stream(
        rng, 40, "s_axis_t", aresetn=0.0, s_axis_tvalid=1, m_axis_tready=1, s_axis_tkeep=15
    )
    yield {"aresetn": 0}
    yield from bench.stream(rng, 120, "s_axis_t", aresetn=0.0, s_axis_tvalid=1, m_axis_tready=1)


@bench.case
def back_pressure(rng):
    """The sink stops at each byte of a word in turn while the next word is on offer."""
    for stop in range(5):
        yield {"aresetn": 0}
        readies = [1] * stop + [0] * 3 + [1] * 6
        for ready in readies:
            weights = {"s_axis_tvalid": 1, "s_axis_tkeep": 15, "m_axis_tready": ready}
            yield from bench.random(rng, 1, aresetn=0.0, **weights)


@bench.case
def ready_needs_no_clock(rng):
    """Only s_axis_tready follows m_axis_tready between clock edges."""
    for keep in (0b0100, 0b0110):
        yield {"aresetn": 0}
        yield {"aresetn": 1, "s_axis_tvalid": 1, "s_axis_tkeep": keep, "m_axis_tready": 0}
        for ready, valid in ((1, 1), (0, 1), (1, 0), (0, 0)):
            yield Hold(m_axis_tready=ready, s_axis_tvalid=valid, s_axis_tkeep=15 ^ keep)
        yield Hold(aresetn=0)
        yield Hold(aresetn=1)
        yield {}


@bench.case
def reset_in_traffic(rng):
    return bench.stream(rng, 150, "s_axis_t", aresetn=0.08, s_axis_tvalid=0.8)


@bench.case
def random_traffic(rng):
    for offers, readies in ((0.5, 0.5), (0.9, 0.4), (0.4, 0.9)):
        weights = {"s_axis_tvalid": offers, "m_axis_tready": readies}
        yield from bench.stream(rng, 150, "s_axis_t", aresetn=0.0, **weights)
        yield {"aresetn": 0}
