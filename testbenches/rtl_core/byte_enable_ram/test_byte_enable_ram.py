"""byte_enable_ram: 64 x 32 bits, byte enables, synchronous read of the old word."""

from itertl_eval.bench import Bench, Care, Hold, Model


class Golden(Model):
    """Words as [value, mask of the known bits]."""

    def __init__(self):
        self.words = [(0, 0)] * 64
        self.read = (0, 0)

    def edge(self, i):
        if not i.enable:
            return
        value, known = self.read = self.words[i.address]
        for k in range(4):
            if i.write >> k & 1:
                mask = 0xFF << 8 * k
                value, known = value & ~mask | i.write_data & mask, known | mask
        self.words[i.address] = value, known

    def outputs(self, i):
        return Care(*self.read)


bench = Bench(
    Golden,
    clock="clk",
    inputs={"enable": 1, "write": 4, "address": 6, "write_data": 32},
    outputs={"read_data": 32},
)
READ = {"enable": 1, "write": 0}


def fill(rng):
    for address in range(64):
        word = rng.getrandbits(32)
        yield {"enable": 1, "write": 15, "address": address, "write_data": word}


@bench.case
def write_all_read_all(rng):
    yield from fill(rng)
    yield from ({**READ, "address": address} for address in reversed(range(64)))


@bench.case
def every_set_of_bytes(rng):
    yield from fill(rng)
    for write in range(16):
        yield {"enable": 1, "write": write, "address": write, "write_data": rng.getrandbits(32)}
        yield {**READ}


@bench.case
def reads_the_old_word(rng):
    """Writes to one address in a row each return what the one before had stored."""
    for _ in range(10):
        yield {"enable": 1, "write": 15, "address": 33, "write_data": rng.getrandbits(32)}


@bench.case
def nothing_without_enable(rng):
    yield from fill(rng)
    yield from bench.random(rng, 40, enable=0)
    yield from ({**READ, "address": address} for address in range(64))


@bench.case
def output_waits_for_the_clock(rng):
    yield from fill(rng)
    for address in (7, 8, 9):
        yield Hold(**READ, address=address)
        yield Hold(address=address ^ 32)
        yield {"address": address}


@bench.case
def random_accesses(rng):
    yield from bench.random(rng, 200, enable=0.8, address=range(4))
    yield from bench.random(rng, 100, enable=0.9)
