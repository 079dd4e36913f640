"""spi_controller: byte transfers in all four SPI modes, compared in every clock cycle."""

from itertl_eval.bench import Bench, Hold, Model


class Golden(Model):
    """`number` is the number of the latest clock edge of the transfer, None when idle."""

    def reset(self):
        self.number = None
        self.pins = {"cs_n": 1, "sclk": 0, "mosi": 0}
        self.rx_data = self.done = 0

    def edge(self, i):
        self.done = 0
        if self.number is None:
            if i.start:
                self.number, self.bits = 0, [i.tx_data >> k & 1 for k in range(7, -1, -1)]
                self.cpol, self.cpha, self.samples = i.cpol, i.cpha, []
                mosi = 0 if i.cpha else self.bits.pop(0)
                self.pins = {"cs_n": 0, "sclk": i.cpol, "mosi": mosi}
            return
        self.number += 1
        if self.number == 34:
            self.number, self.done = None, 1
            self.pins |= {"cs_n": 1, "mosi": 0}
            self.rx_data = int("".join(map(str, self.samples)), 2)
        elif self.number % 2 == 0 and self.number <= 32:
            leading = self.number % 4 == 2
            self.pins["sclk"] = self.cpol ^ leading
            if leading ^ self.cpha:
                self.samples.append(i.miso)
            elif self.bits:
                self.pins["mosi"] = self.bits.pop(0)

    def outputs(self, i):
        busy = self.number is not None
        return {"busy": busy, "done": self.done, "rx_data": self.rx_data, **self.pins}


bench = Bench(
    Golden,
    clock="clk",
    reset="rst",
    inputs={"rst": 1, "start": 1, "cpol": 1, "cpha": 1, "tx_data": 8, "miso": 1},
    outputs={"busy": 1, "done": 1, "rx_data": 8, "cs_n": 1, "sclk": 1, "mosi": 1},
)


def transfer(rng, cpol, cpha, tx_data, cycles=37):
    """Start once; meanwhile everything but the reset changes at random."""
    yield {"rst": 0, "start": 1, "cpol": cpol, "cpha": cpha, "tx_data": tx_data, "miso": 0}
    yield from bench.random(rng, min(cycles, 33), rst=0)
    yield from bench.random(rng, max(cycles - 33, 0), rst=0, start=0)


def mode(rng, cpol, cpha):
    for tx_data in (0xA5, 0x01, 0x80, rng.getrandbits(8)):
        yield from transfer(rng, cpol, cpha, tx_data)


@bench.case
def mode_0(rng):
    return mode(rng, 0, 0)


@bench.case
def mode_1(rng):
    return mode(rng, 0, 1)


@bench.case
def mode_2(rng):
    return mode(rng, 1, 0)


@bench.case
def mode_3(rng):
    return mode(rng, 1, 1)


@bench.case
def back_to_back(rng):
    """`start` is held; the mode changes from transfer to transfer."""
    return bench.random(rng, 220, rst=0, start=1)


@bench.case
def reset_in_a_transfer(rng):
    for cycles in (1, 3, 18, 32, 34):
        yield from transfer(rng, 1, cycles & 1, 0xFF, cycles)
        yield Hold(rst=1)
        yield Hold(rst=0)
        yield {"start": 0}
        yield {"rst": 1, "start": 1}
        yield {"rst": 0, "start": 0}
    yield from transfer(rng, 0, 0, 0x3C)


@bench.case
def random_transfers(rng):
    return bench.random(rng, 400, rst=0.005, start=0.1)
