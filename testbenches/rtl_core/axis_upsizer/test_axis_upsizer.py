"""axis_upsizer: AXI4-Stream bytes packed into words of up to four, with keep and last."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """`bytes` are those of the unfinished word, `word` the one on offer."""

    def reset(self):
        self.bytes, self.word = b"", None

    def edge(self, i):
        take = i.s_axis_tvalid and (self.word is None or i.m_axis_tready)
        if i.m_axis_tready:
            self.word = None
        if take:
            self.bytes += bytes([i.s_axis_tdata])
            if len(self.bytes) == 4 or i.s_axis_tlast:
                self.word, self.bytes = (self.bytes, i.s_axis_tlast), b""

    def outputs(self, i):
        data, last = self.word or (None, None)
        return {
            "s_axis_tready": self.word is None or i.m_axis_tready,
            "m_axis_tvalid": self.word is not None,
            "m_axis_tdata": data and int.from_bytes(data, "little"),
            "m_axis_tkeep": data and (1 << len(data)) - 1,
            "m_axis_tlast": last,
        }


bench = Bench(
    Golden,
    clock="aclk",
    reset="!aresetn",
    inputs={
        **{"aresetn": 1, "m_axis_tready": 1},
        **{"s_axis_tvalid": 1, "s_axis_tdata": 8, "s_axis_tlast": 1},
    },
    outputs={
        **{"s_axis_tready": 1, "m_axis_tvalid": 1},
        **{"m_axis_tdata": 32, "m_axis_tkeep": 4, "m_axis_tlast": 1},
    },
)


def packet(rng, length):
    for n in range(length):
        last = int(n == length - 1)
        yield {"s_axis_tvalid": 1, "s_axis_tdata": rng.getrandbits(8), "s_axis_tlast": last}


@bench.case
def packets_of_every_length(rng):
    """One to nine bytes, back to back, the sink always ready."""
    yield {"m_axis_tready": 1}
    for length in (*range(1, 10), 1, 1, 5, 4, 4):
        yield from packet(rng, length)
    yield from ({"s_axis_tvalid": 0} for _ in range(3))


@bench.case
def unused_bytes_are_zero(rng):
    """Short words after full words of ones."""
    yield {"m_axis_tready": 1, "s_axis_tvalid": 0}
    for length in (1, 2, 3):
        for n in range(4 + length):
            last = int(n == 3 + length)
            yield {"s_axis_tvalid": 1, "s_axis_tdata": 0xFF, "s_axis_tlast": last}


@bench.case
def full_throughput(rng):
    return bench.stream(
        rng, 60, "s_axis_t", aresetn=0.0, s_axis_tvalid=1, m_axis_tready=1, s_axis_tlast=0.1
    )


@bench.case
def back_pressure(rng):
    """A word waits for one to five cycles while bytes are on offer; then the rest drains."""
    for stop in range(1, 6):
        yield {"m_axis_tready": 1, "s_axis_tvalid": 0}
        for byte in packet(rng, 3 + stop % 2):
            yield {**byte, "m_axis_tready": 0}
        yield from ({"s_axis_tdata": 0xA0, "s_axis_tlast": stop & 1} for _ in range(stop))
        yield {"m_axis_tready": 1}
        yield from ({"s_axis_tvalid": 0} for _ in range(3))


@bench.case
def ready_needs_no_clock(rng):
    """Only s_axis_tready follows m_axis_tready between clock edges."""
    yield from ({**byte, "m_axis_tready": 0} for byte in packet(rng, 4))
    for ready, valid in ((1, 1), (0, 1), (1, 0), (0, 0)):
        yield Hold(m_axis_tready=ready, s_axis_tvalid=valid)
    yield Hold(aresetn=0)
    yield Hold(aresetn=1)
    yield {}


@bench.case
def reset_in_a_packet(rng):
    for length in range(1, 6):
        yield {"aresetn": 1, "m_axis_tready": 0, "s_axis_tvalid": 0}
        yield from packet(rng, length)
        yield {"aresetn": 0, "s_axis_tvalid": length & 1}
        yield {"aresetn": 1, "m_axis_tready": 1, "s_axis_tvalid": 0}
        yield from packet(rng, 2)


@bench.case
def random_traffic(rng):
    for offers, readies, last in ((0.5, 0.5, 0.2), (0.9, 0.4, 0.3), (0.9, 0.9, 0.1)):
        weights = {"s_axis_tvalid": offers, "m_axis_tready": readies, "s_axis_tlast": last}
        yield from bench.stream(rng, 150, "s_axis_t", aresetn=0.01, **weights)
        yield {"aresetn": 0}
