"""fsm_serialdata: receiver of serial bytes with a start bit and a stop bit, low bit first."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.state, self.bits = "idle", []

    def edge(self, i):
        bit = i["in"]
        if self.state in ("idle", "done"):
            self.state, self.bits = ("idle" if bit else "data"), []
        elif self.state == "data":
            self.bits.append(bit)
            if len(self.bits) == 8:
                self.state = "stop"
        elif self.state == "stop":
            self.state = "done" if bit else "lost"
        elif bit:  # a stop bit that comes late ends the wait, but no byte was received
            self.state = "idle"

    def outputs(self, i):
        done = self.state == "done"
        byte = sum(bit << k for k, bit in enumerate(self.bits)) if done else None
        return {"done": done, "out_byte": byte}


bench = Bench(
    Golden,
    clock="clk",
    reset="reset",
    inputs={"in": 1, "reset": 1},
    outputs={"out_byte": 8, "done": 1},
)


def line(levels):
    return ({"in": level, "reset": 0} for level in levels)


def frame(value, idle=0, late=0):
    """A byte after `idle` cycles; its stop bit comes `late` cycles too late."""
    yield from line([1] * idle + [0] + [value >> k & 1 for k in range(8)] + [0] * late + [1])


@bench.case
def bytes_back_to_back(rng):
    for value in (0, 0xFF, 0x55, 0xAA, *(1 << k for k in range(8)), *rng.randbytes(12)):
        yield from frame(value)


@bench.case
def bytes_with_idle_time(rng):
    for value in rng.randbytes(20):
        yield from frame(value, idle=rng.randrange(1, 12))


@bench.case
def missing_stop_bit(rng):
    for late in (1, 2, 3, 7, 8, 9, 10, 11, 20):
        yield from frame(rng.getrandbits(8), late=late)
        yield from frame(rng.getrandbits(8), idle=rng.randrange(2))


@bench.case
def reset_drops_a_byte(rng):
    for stop in (0, 1):
        for cycles in range(1, 13):
            yield from line([0] * min(cycles, 9) + [stop] * (cycles - 9))
            yield {"in": rng.getrandbits(1), "reset": 1}
            yield from frame(rng.getrandbits(8))


@bench.case
def only_the_clock_counts(rng):
    for value in rng.randbytes(6):
        for item in frame(value):
            yield item
            yield Hold({"in": 1 - item["in"], "reset": 1})
            yield Hold(reset=0)


@bench.case
def random_inputs(rng):
    return bench.random(rng, 500, reset=0.01)
