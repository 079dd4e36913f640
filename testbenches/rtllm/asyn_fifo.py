"""asyn_fifo: words between two clocks, with flags that may be late on the safe side.

The published structure registers the pointers once more before it compares them, so that its
flags miss the last word of an unbroken burst. Bursts pause before the last place and the last
word, which every correct FIFO tolerates.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

SETTLE = 10
"""Cycles after which a flag must show what the other side has done."""


class Fifo:
    def __init__(self, dut, write_ns, read_ns):
        self.dut, self.periods = dut, (write_ns, read_ns)
        self.width, self.depth = int(dut.WIDTH.value), int(dut.DEPTH.value)
        self.words = []

    async def start(self):
        dut, (write_ns, read_ns) = self.dut, self.periods
        dut.winc.value, dut.rinc.value, dut.wdata.value = 0, 0, 0
        dut.wrstn.value, dut.rrstn.value = 0, 0
        Clock(dut.wclk, write_ns, "ns").start()
        await Timer(1, "ns")
        Clock(dut.rclk, read_ns, "ns").start()
        await self.reset()

    async def reset(self):
        dut = self.dut
        dut.winc.value, dut.rinc.value = 0, 0
        dut.wrstn.value, dut.rrstn.value = 0, 0
        for _ in range(3):
            await FallingEdge(dut.wclk)
            await FallingEdge(dut.rclk)
        self.flag("wfull", 0, "in reset")
        self.flag("rempty", 1, "in reset")
        dut.wrstn.value = 1
        await FallingEdge(dut.rclk)
        dut.rrstn.value = 1
        await FallingEdge(dut.rclk)
        self.words = []

    def flag(self, name, expected, when):
        got = getattr(self.dut, name).value
        assert got == expected, f"{name}: expected {expected}, got {got} {when}"

    async def settle(self):
        for _ in range(SETTLE):
            await FallingEdge(self.dut.wclk)
            await FallingEdge(self.dut.rclk)
        stored = len(self.words)
        self.flag("wfull", int(stored == self.depth), f"with {stored} words")
        self.flag("rempty", int(stored == 0), f"with {stored} words")

    async def write(self, count=1):
        """Write words; try to, when the FIFO is full."""
        dut = self.dut
        await FallingEdge(dut.wclk)
        for _ in range(count):
            if len(self.words) >= self.depth - 1:
                dut.winc.value = 0
                await self.settle()
                await FallingEdge(dut.wclk)
            word = random.getrandbits(self.width)
            dut.winc.value, dut.wdata.value = 1, word
            full = dut.wfull.value
            assert full in (0, 1), f"wfull: {full}"
            if len(self.words) < self.depth:
                assert full == 0 or len(self.words) > 0, f"wfull: 1 with {len(self.words)} words"
            if full == 0:
                self.words.append(word)
            await FallingEdge(dut.wclk)
        dut.winc.value = 0
        assert len(self.words) <= self.depth, f"wfull: 0 with {len(self.words)} words"

    async def read(self, count=1):
        """Read words; try to, when the FIFO is empty."""
        dut = self.dut
        await FallingEdge(dut.rclk)
        for _ in range(count):
            if len(self.words) <= 1:
                dut.rinc.value = 0
                await self.settle()
                await FallingEdge(dut.rclk)
            dut.rinc.value = 1
            empty = dut.rempty.value
            assert empty in (0, 1), f"rempty: {empty}"
            await FallingEdge(dut.rclk)
            if empty == 0:
                assert self.words, "rempty: 0 without a word"
                expected, got = self.words.pop(0), dut.rdata.value
                assert got == expected, f"rdata: expected {expected:#x}, got {got}"
        dut.rinc.value = 0


async def traffic(dut, write_ns, read_ns):
    fifo = Fifo(dut, write_ns, read_ns)
    await fifo.start()
    await fifo.settle()
    for _ in range(3):
        await fifo.write(fifo.depth)
        await fifo.settle()
        await fifo.write(2)
        assert len(fifo.words) == fifo.depth, f"wfull: 0 with {fifo.depth} words"
        await fifo.read(fifo.depth)
        await fifo.settle()
        await fifo.read(2)
    for _ in range(12):
        await fifo.write(random.randrange(1, 9))
        await fifo.settle()
        await fifo.read(random.randrange(1, 9))
    while fifo.words:
        await fifo.read()
    await fifo.settle()


@cocotb.test()
async def same_frequency(dut):
    await traffic(dut, 10, 10)


@cocotb.test()
async def fast_writer(dut):
    await traffic(dut, 10, 26)


@cocotb.test()
async def fast_reader(dut):
    await traffic(dut, 22, 8)


@cocotb.test()
async def nothing_moves_without_a_request(dut):
    fifo = Fifo(dut, 10, 14)
    await fifo.start()
    await fifo.write(5)
    dut.wdata.value = 0
    await fifo.settle()
    await fifo.settle()
    await fifo.read(5)
    await fifo.settle()


@cocotb.test()
async def resets(dut):
    fifo = Fifo(dut, 10, 14)
    await fifo.start()
    for count in (fifo.depth, 3, 1):
        await fifo.write(count)
        await fifo.settle()
        await fifo.reset()
        await fifo.settle()
        await fifo.write(4)
        await fifo.settle()
        await fifo.read(2)
        await fifo.reset()
