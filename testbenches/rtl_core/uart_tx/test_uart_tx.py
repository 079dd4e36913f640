"""uart_tx: frames with and without parity, compared with the expected line in every cycle."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

NONE, ODD, EVEN, ALSO_NONE = range(4)


def frame(data, parity):
    """The bits on the line."""
    bits = [data >> k & 1 for k in range(8)]
    if parity in (ODD, EVEN):
        bits.append((sum(bits) + (parity == ODD)) % 2)
    return [0, *bits, 1]


class Line:
    """What is still to come on the line, one entry per clock cycle."""

    def __init__(self, dut):
        self.dut, self.coming = dut, []

    async def start(self):
        Clock(self.dut.clk, 10, "ns").start()
        self.dut.rst.value, self.dut.valid.value = 1, 1
        self.dut.data.value, self.dut.parity.value = 0, 0
        await FallingEdge(self.dut.clk)
        await FallingEdge(self.dut.clk)

    def compare(self, when):
        for name, expected in (
            ("ready", int(not self.coming)),
            ("txd", self.coming[0] if self.coming else 1),
        ):
            got = getattr(self.dut, name).value
            assert got == expected, (
                f"{name}: expected {expected}, got {got} {when}, "
                f"{len(self.coming)} cycles of a frame to come"
            )

    async def cycle(self, data=None, parity=0, rst=0):
        """One clock cycle; `data` offers a byte."""
        dut = self.dut
        dut.rst.value, dut.valid.value = rst, data is not None
        dut.data.value = random.getrandbits(8) if data is None else data
        dut.parity.value = random.getrandbits(2) if data is None else parity
        await Timer(2, "ns")
        self.compare("before the clock edge")
        await RisingEdge(dut.clk)
        await Timer(2, "ns")
        length = int(dut.CLKS_PER_BIT.value)
        if rst:
            self.coming = []
        elif self.coming:
            self.coming.pop(0)
        elif data is not None:
            self.coming = [bit for bit in frame(data, parity) for _ in range(length)]
        self.compare("after the clock edge")
        await FallingEdge(dut.clk)

    async def send(self, data, parity):
        """One frame, with noise on the inputs while it is under way."""
        await self.cycle(data, parity)
        while self.coming:
            await self.cycle()


@cocotb.test()
async def frames_without_parity(dut):
    line = Line(dut)
    await line.start()
    for data in (0x00, 0xFF, 0xA1):
        await line.send(data, NONE)
    await line.send(0x5A, ALSO_NONE)


@cocotb.test()
async def frames_with_parity(dut):
    line = Line(dut)
    await line.start()
    for parity in (ODD, EVEN):
        for data in (0x00, 0x01, 0x80, 0x57):
            await line.send(data, parity)


@cocotb.test()
async def back_to_back(dut):
    """`valid` is held; `data` and `parity` change in every cycle."""
    line = Line(dut)
    await line.start()
    for _ in range(25 * int(dut.CLKS_PER_BIT.value)):
        await line.cycle(random.getrandbits(8), random.getrandbits(2))


@cocotb.test()
async def idle_line(dut):
    line = Line(dut)
    await line.start()
    for _ in range(9):
        await line.cycle()
    await line.send(0x3C, EVEN)
    for _ in range(9):
        await line.cycle()


@cocotb.test()
async def reset_in_a_frame(dut):
    line = Line(dut)
    await line.start()
    for cycles in (1, 9, 17, 33):
        await line.cycle(0x00, ODD)
        for _ in range(cycles):
            await line.cycle()
        await line.cycle(0x55, rst=1)
        await line.cycle()
        await line.cycle(0xFF, rst=1)
        await line.send(0xC4, EVEN)
