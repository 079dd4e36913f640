"""fsm_ps2: finds three-byte PS/2 messages by bit 3 of their first byte."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.received = 0

    def edge(self, i):
        if self.received in (1, 2):
            self.received += 1
        else:
            self.received = i["in"] >> 3 & 1

    def outputs(self, i):
        return self.received == 3


bench = Bench(Golden, clock="clk", reset="reset", inputs={"in": 8, "reset": 1}, outputs={"done": 1})


def stream(rng, marks):
    """Bytes with the given bits 3, everything else random."""
    for mark in marks:
        yield {"in": rng.getrandbits(8) & ~8 | 8 * int(mark), "reset": 0}


@bench.case
def discards_bytes_without_the_mark(rng):
    yield from ({"in": value & ~8} for value in range(0, 256, 7))
    yield from stream(rng, "1000")


@bench.case
def messages_with_all_marks(rng):
    """Message and what follows it, with bit 3 of the later bytes either way."""
    for marks in range(32):
        yield {"reset": 1}
        yield from stream(rng, f"1{marks:05b}1")


@bench.case
def reset_inside_a_message(rng):
    for count in (1, 2, 3):
        yield from stream(rng, "1" * count)
        yield Hold(reset=1)
        yield Hold(reset=0)
        yield from stream(rng, "0")
        yield from ({"reset": 1, "in": 255}, {"reset": 0, "in": 0})
        yield from stream(rng, "1" * count)
        yield {"reset": 1, "in": 255}
        yield from stream(rng, "000111")


@bench.case
def random_bytes(rng):
    return bench.random(rng, 400, reset=0.03)
