"""async_fifo: writer and reader with clocks of their own, and a scoreboard between them."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


class Fifo:
    """Scoreboard: the words inside, and for how many edges of the other clock they are.

    A change has to be seen by the other side after two or three edges of its clock.
    """

    def __init__(self, dut, wr_ns, rd_ns):
        self.dut, self.periods = dut, (wr_ns, rd_ns)
        self.width, self.depth = int(dut.WIDTH.value), 1 << int(dut.DEPTH_BITS.value)
        self.passed = 0

    async def start(self):
        dut, (wr_ns, rd_ns) = self.dut, self.periods
        dut.rst_n.value, dut.wr_data.value = 1, 0
        Clock(dut.wr_clk, wr_ns, "ns").start()
        await Timer(1, "ns")
        Clock(dut.rd_clk, rd_ns, "ns").start()
        await Timer(1, "ns")
        await self.reset()
        cocotb.start_soon(self.writer())
        cocotb.start_soon(self.reader())

    async def clear(self):
        """Begin a reset, which acts at once, and idle on both sides."""
        dut = self.dut
        self.running = False
        self.writes = self.reads = 0.0
        self.words, self.seen = [], []  # stored words; for each the edges of rd_clk since
        self.removed = []  # for each place freed lately the edges of wr_clk since
        dut.rst_n.value, dut.wr_en.value, dut.rd_en.value = 0, 0, 0
        await Timer(3, "ns")
        self.expect("full", 0, "at once in reset")
        self.expect("empty", 1, "at once in reset")

    async def reset(self):
        dut = self.dut
        await self.clear()
        for release in (0, 0, 1):
            await FallingEdge(dut.rd_clk)
            await FallingEdge(dut.wr_clk)
            dut.rst_n.value = release
        await FallingEdge(dut.rd_clk)
        await FallingEdge(dut.wr_clk)
        self.running = True

    def expect(self, name, value, when):
        got = getattr(self.dut, name).value
        assert got == value, f"{name}: expected {value}, got {got} {when}"

    async def writer(self):
        dut = self.dut
        while True:
            await FallingEdge(dut.wr_clk)
            write, word = random.random() < self.writes, random.getrandbits(self.width)
            dut.wr_en.value, dut.wr_data.value = write, word
            await Timer(1, "ns")
            full = dut.full.value
            await RisingEdge(dut.wr_clk)
            if not self.running:
                continue
            self.expect("full", full, "in the middle of a cycle of wr_clk")
            self.removed = [edges + 1 for edges in self.removed if edges < 2]
            if write and full == 0:
                self.words.append(word)
                self.seen.append(0)
            await Timer(2, "ns")
            if self.running:
                self.judge_full()

    def judge_full(self):
        stored = len(self.words)
        if stored + sum(edges < 2 for edges in self.removed) >= self.depth:
            self.expect("full", 1, f"with {stored} words stored")
        elif stored + len(self.removed) < self.depth:
            self.expect("full", 0, f"with {stored} words stored")

    async def reader(self):
        dut = self.dut
        while True:
            await FallingEdge(dut.rd_clk)
            read = random.random() < self.reads
            dut.rd_en.value = read
            await Timer(1, "ns")
            empty, data = dut.empty.value, dut.rd_data.value
            if self.running and empty == 0:
                assert data == self.words[0], f"rd_data: expected {self.words[0]:#x}, got {data}"
            await RisingEdge(dut.rd_clk)
            if not self.running:
                continue
            self.expect("empty", empty, "in the middle of a cycle of rd_clk")
            self.seen = [edges + 1 for edges in self.seen]
            if read and empty == 0:
                del self.words[0], self.seen[0]
                self.removed.append(0)
                self.passed += 1
            await Timer(2, "ns")
            if self.running:
                self.judge_empty()

    def judge_empty(self):
        oldest = max(self.seen, default=0)
        if oldest < 2:
            self.expect("empty", 1, f"with {len(self.words)} words written lately")
        elif oldest > 2:
            self.expect("empty", 0, f"with {len(self.words)} words stored")

    async def run(self, writes, reads, cycles):
        """Traffic for a number of cycles of the slower clock."""
        self.writes, self.reads = writes, reads
        slower = self.dut.wr_clk if self.periods[0] >= self.periods[1] else self.dut.rd_clk
        for _ in range(cycles):
            await FallingEdge(slower)


async def traffic(dut, wr_ns, rd_ns):
    """Filled and emptied twice, flat out, with pauses on either side, and emptied."""
    fifo = Fifo(dut, wr_ns, rd_ns)
    await fifo.start()
    for _ in range(2):
        await fifo.run(1.0, 0.0, fifo.depth + 4)
        assert len(fifo.words) == fifo.depth, (
            f"full: expected 0 until {fifo.depth} words are stored, got 1 with {len(fifo.words)}"
        )
        await fifo.run(0.0, 1.0, fifo.depth + 5)
    for writes, reads in ((1.0, 1.0), (0.5, 0.9), (0.9, 0.5), (0.3, 0.3), (0.0, 1.0)):
        await fifo.run(writes, reads, 20)
    assert not fifo.words, f"empty: expected 0 until all is read, {len(fifo.words)} words left"
    assert fifo.passed > 2 * fifo.depth + 20, f"rd_data: only {fifo.passed} words have passed"


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
async def reset_in_traffic(dut):
    """Reset while full, partly filled, and while empty again."""
    fifo = Fifo(dut, 10, 14)
    await fifo.start()
    for cycles in (fifo.depth + 2, 3, 1, 2):
        await fifo.run(1.0, 0.0, cycles)
        await fifo.run(0.5, 0.5, cycles)
        await FallingEdge(dut.wr_clk)
        await fifo.reset()
        await fifo.run(0.6, 0.4, 12)
        await fifo.reset()


@cocotb.test()
async def reset_between_clock_edges(dut):
    """Both sides forget what they know of each other, too, without an edge of either clock."""
    fifo = Fifo(dut, 20, 20)
    await fifo.start()
    for reads in (0.0, 1.0):
        await fifo.run(1.0, 0.0, fifo.depth + 3)
        await fifo.run(0.0, reads, fifo.depth + 3)
        await RisingEdge(dut.rd_clk)
        await Timer(4, "ns")
        await fifo.clear()
        dut.rst_n.value, fifo.running = 1, True
        await fifo.run(0.0, 0.0, 4)
        await fifo.run(0.6, 0.4, fifo.depth)
        await fifo.reset()
