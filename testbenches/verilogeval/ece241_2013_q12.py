"""ece241_2013_q12: eight-bit shift register whose bits a three-bit address reads."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    def __init__(self):
        self.bits = [None] * 8

    def edge(self, i):
        if i.enable:
            self.bits = [i.S, *self.bits[:7]]

    def outputs(self, i):
        return self.bits[4 * i.A + 2 * i.B + i.C]


bench = Bench(
    Golden,
    clock="clk",
    inputs={"enable": 1, "S": 1, "A": 1, "B": 1, "C": 1},
    outputs={"Z": 1},
)


@bench.case
def shifts_a_byte_in_and_reads_it(rng):
    """Reading needs no clock edge."""
    for byte in (0x01, 0x80, 0x55, 0x33, 0x0F, 0xF0, *(rng.getrandbits(8) for _ in range(6))):
        yield from ({"enable": 1, "S": byte >> bit & 1} for bit in range(8))
        yield from (Hold(address) for address in bench.every("A", "B", "C"))


@bench.case
def keeps_its_bits_when_disabled(rng):
    for _ in range(4):
        yield from bench.random(rng, 10, enable=1)
        for address in bench.every("A", "B", "C"):
            yield {**address, "enable": 0, "S": rng.getrandbits(1)}


@bench.case
def random_inputs(rng):
    return bench.random(rng, 400)
