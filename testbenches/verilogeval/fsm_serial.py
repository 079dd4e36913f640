"""fsm_serial: receiver that flags each byte framed by a 0 start bit and a 1 stop bit."""

from itertools import product

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """`bits` counts the bits of the frame so far, start bit included; None means idle."""

    def reset(self):
        self.bits, self.done, self.lost = None, False, False

    def edge(self, i):
        bit, self.done = i["in"], False
        if self.bits is None:
            self.bits = None if bit else 1
        elif self.bits < 9:
            self.bits += 1
        elif bit:
            self.done = not self.lost
            self.bits, self.lost = None, False
        else:
            self.lost = True

    def outputs(self, i):
        return self.done


bench = Bench(Golden, clock="clk", reset="reset", inputs={"in": 1, "reset": 1}, outputs={"done": 1})


def line(*parts):
    """The line's level, one character per cycle."""
    return ({"in": int(bit), "reset": 0} for bit in "".join(parts))


@bench.case
def good_bytes(rng):
    """Back to back and with pauses."""
    for idle in (0, 1, 2, 0, 0):
        for byte in ("11111111", "00000000", "10101010", f"{rng.getrandbits(8):08b}"):
            yield from line("0", byte, "1", "1" * idle)


@bench.case
def bad_stop_bits(rng):
    """The next frame may only start after a 1, and that 1 completes no byte."""
    for low in (1, 2, 3, 8, 9, 10, 11, 20):
        for idle in (1, 2, 3):
            yield from line("0", f"{rng.getrandbits(8):08b}", "0" * low, "1" * idle)
        yield from line("0", f"{rng.getrandbits(8):08b}", "1")


@bench.case
def reset_in_every_phase(rng):
    """Also with a bad stop bit pending, and while done is shown: reset waits for the clock."""
    phases = [(count, "0") for count in range(13)] + [(10, "1"), (11, "1")]
    for (count, stop), level in product(phases, (0, 1)):
        yield from line("1", f"011010110{stop}00"[:count])
        yield Hold(reset=1)
        yield Hold(reset=0)
        yield {"in": level, "reset": 1}
        yield from line("0111111111"[count % 2 :], "1")


@bench.case
def random_line(rng):
    yield from bench.random(rng, 400, reset=0.01)
    yield from bench.random(rng, 300, **{"in": 0.2}, reset=0)
