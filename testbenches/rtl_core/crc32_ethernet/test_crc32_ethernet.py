"""crc32_ethernet: CRC-32 over a byte stream, checked against zlib."""

import zlib

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def reset(self):
        self.crc = 0

    def edge(self, i):
        before = 0 if i.start else self.crc
        self.crc = zlib.crc32(bytes([i.data]), before) if i.valid else before

    def outputs(self, i):
        return self.crc


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "start": 1, "valid": 1, "data": 8},
    outputs={"crc": 32},
)


def message(text):
    """The bytes of a message back to back, the first one with `start`."""
    for n, byte in enumerate(text):
        yield {"start": n == 0, "valid": 1, "data": byte}


@bench.case
def check_value(rng):
    yield from message(b"123456789")
    yield {"valid": 0, "data": 0x55}


@bench.case
def every_byte(rng):
    """Each byte as a message of its own, then all of them as one message."""
    for byte in range(256):
        yield from message([byte])
    yield from message(range(256))


@bench.case
def pauses(rng):
    """Bytes offered without `valid` do not count."""
    yield {"start": 1, "valid": 0, "data": 0xFF}
    for byte in rng.randbytes(40):
        yield {"start": 0, "valid": 1, "data": byte}
        yield from bench.random(rng, rng.randrange(3), rst=0, start=0, valid=0)


@bench.case
def reset_in_a_message(rng):
    yield from message(b"abc")
    yield Hold(rst=1)
    yield Hold(rst=0)
    yield {"start": 0, "data": 0x64}
    yield {"rst": 1, "start": 1, "valid": 1, "data": 0x00}
    yield {"rst": 0, "start": 0}
    yield {}


@bench.case
def random_traffic(rng):
    return bench.random(rng, 300, rst=0.02, start=0.1, valid=0.7)
