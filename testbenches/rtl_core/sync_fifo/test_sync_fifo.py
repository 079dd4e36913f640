"""sync_fifo: parameterised first-word-fall-through FIFO, checked against a deque."""

import random
from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


class Fifo:
    """Drives one clock cycle at a time and compares every output with a deque."""

    def __init__(self, dut):
        self.dut = dut
        self.width, self.depth = int(dut.WIDTH.value), int(dut.DEPTH.value)
        self.words = deque()

    async def start(self):
        Clock(self.dut.clk, 10, "ns").start()
        await self.cycle(rst=1, write=0x5A, read=1, check=False)
        await self.cycle(rst=1)

    async def cycle(self, write=None, read=0, rst=0, check=True):
        """Drive after a falling edge, compare before and after the next rising edge."""
        dut, words = self.dut, self.words
        word = (write if write is not None else random.getrandbits(self.width)) % (1 << self.width)
        dut.rst.value, dut.rd_en.value = rst, read
        dut.wr_en.value, dut.wr_data.value = write is not None, word
        await Timer(2, "ns")
        if check:
            self.compare("before the clock edge")
        await RisingEdge(dut.clk)
        full, empty = len(words) == self.depth, not words
        if rst:
            words.clear()
        else:
            if read and not empty:
                words.popleft()
            if write is not None and not full:
                words.append(word)
        await Timer(2, "ns")
        self.compare("after the clock edge")
        await FallingEdge(dut.clk)

    def compare(self, when):
        words = self.words
        expected = {"level": len(words), "empty": not words, "full": len(words) == self.depth}
        if words:
            expected["rd_data"] = words[0]
        for name, value in expected.items():
            got = getattr(self.dut, name).value
            assert got == value, (
                f"{name}: expected {int(value):#x}, got {got} {when}, {len(words)} words stored"
            )


@cocotb.test()
async def fill_and_drain(dut):
    """Up to full and back to empty, twice, with refused writes and reads at the ends."""
    fifo = Fifo(dut)
    await fifo.start()
    for _ in range(2):
        for _ in range(fifo.depth + 2):
            await fifo.cycle(write=random.getrandbits(16))
        await fifo.cycle()
        for _ in range(fifo.depth + 2):
            await fifo.cycle(read=1)
        await fifo.cycle()


@cocotb.test()
async def write_and_read_together(dut):
    """Both at each level: at full the write is lost, at empty the read."""
    fifo = Fifo(dut)
    await fifo.start()
    for _ in range(fifo.depth + 1):
        for _ in range(fifo.depth + 2):
            await fifo.cycle(write=random.getrandbits(16), read=1)
        await fifo.cycle(write=random.getrandbits(16))


@cocotb.test()
async def back_to_back_words(dut):
    """Extreme words pass in order through every place of the memory."""
    fifo = Fifo(dut)
    await fifo.start()
    for word in (0, -1, 0x5555, 0xAAAA, 1, 1 << (fifo.width - 1)) * 2:
        await fifo.cycle(write=word)
        await fifo.cycle(read=1)


@cocotb.test()
async def reset_in_traffic(dut):
    """Reset at every level, with write and read asserted."""
    fifo = Fifo(dut)
    await fifo.start()
    for words in range(fifo.depth + 1):
        for _ in range(words):
            await fifo.cycle(write=random.getrandbits(16))
        await fifo.cycle(write=1, read=1, rst=1)
        await fifo.cycle(write=random.getrandbits(16))
        await fifo.cycle(rst=1)


@cocotb.test()
async def random_traffic(dut):
    """Phases that fill, drain and balance."""
    fifo = Fifo(dut)
    await fifo.start()
    for writes, reads in ((0.8, 0.3), (0.3, 0.8), (0.5, 0.5), (0.9, 0.9)):
        for _ in range(40):
            word = random.getrandbits(16) if random.random() < writes else None
            await fifo.cycle(word, random.random() < reads, random.random() < 0.01)
