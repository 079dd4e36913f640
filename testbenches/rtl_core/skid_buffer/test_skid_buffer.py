"""skid_buffer: valid/ready buffer of one word with a registered ready, no added latency."""

import random
from collections import deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


class Stream:
    """A source that keeps its offers, a sink, and a model of the buffer between them."""

    def __init__(self, dut):
        self.dut = dut
        self.stored = deque()
        self.offer = None

    async def start(self):
        Clock(self.dut.clk, 10, "ns").start()
        self.dut.rst.value = 1
        self.dut.in_valid.value, self.dut.out_ready.value = 1, 0
        self.dut.in_data.value = 0
        await FallingEdge(self.dut.clk)
        await FallingEdge(self.dut.clk)

    def expect(self, name, value):
        got = getattr(self.dut, name).value
        assert got == value, (
            f"{name}: expected {value:#x}, got {got}, {len(self.stored)} stored, "
            f"in_valid={self.dut.in_valid.value}, out_ready={self.dut.out_ready.value}"
        )

    def compare(self):
        """All outputs, from the stored word and the present offer."""
        self.expect("in_ready", int(not self.stored))
        words = [*self.stored, *([] if self.offer is None else [self.offer])]
        self.expect("out_valid", int(bool(words)))
        if words:
            self.expect("out_data", words[0])

    async def cycle(self, offer, ready, rst=0):
        """One clock cycle; an offer that was not taken before stays on the wires."""
        dut, width = self.dut, int(self.dut.WIDTH.value)
        if offer and self.offer is None:
            self.offer = random.getrandbits(width)
        dut.rst.value = rst
        dut.in_valid.value = self.offer is not None
        dut.in_data.value = random.getrandbits(width) if self.offer is None else self.offer
        for level in (1 - ready, ready):  # no output follows it without a clock edge
            dut.out_ready.value = level
            await Timer(2, "ns")
            self.compare()
        await RisingEdge(dut.clk)
        if rst:
            self.stored.clear()
            self.offer = None
        elif self.offer is not None and not self.stored:
            self.stored.append(self.offer)
            self.offer = None
        if ready and self.stored:
            self.stored.popleft()
        await Timer(2, "ns")
        self.expect("in_ready", int(not self.stored))
        await FallingEdge(dut.clk)


@cocotb.test()
async def flows_without_latency(dut):
    """The sink is always ready: words pass in the cycle in which they are offered."""
    stream = Stream(dut)
    await stream.start()
    for _ in range(20):
        await stream.cycle(offer=1, ready=1)
    for _ in range(20):
        await stream.cycle(offer=random.getrandbits(1), ready=1)


@cocotb.test()
async def stores_what_the_sink_refuses(dut):
    stream = Stream(dut)
    await stream.start()
    for blocked in range(4):
        for _ in range(3):
            await stream.cycle(offer=1, ready=1)
        for _ in range(blocked):
            await stream.cycle(offer=1, ready=0)
        for _ in range(3):
            await stream.cycle(offer=0, ready=1)


@cocotb.test()
async def keeps_a_word_for_long(dut):
    stream = Stream(dut)
    await stream.start()
    await stream.cycle(offer=1, ready=0)
    for _ in range(10):
        await stream.cycle(offer=random.getrandbits(1), ready=0)
    for _ in range(4):
        await stream.cycle(offer=0, ready=1)


@cocotb.test()
async def reset_in_traffic(dut):
    """With a word stored and with one on offer."""
    stream = Stream(dut)
    await stream.start()
    for ready in (0, 1):
        await stream.cycle(offer=1, ready=0)
        await stream.cycle(offer=1, ready=ready, rst=1)
        await stream.cycle(offer=0, ready=0)
        await stream.cycle(offer=1, ready=ready, rst=1)
        await stream.cycle(offer=0, ready=1)


@cocotb.test()
async def random_traffic(dut):
    stream = Stream(dut)
    await stream.start()
    for offers, readies in ((0.5, 0.5), (0.9, 0.3), (0.3, 0.9), (0.9, 0.9)):
        for _ in range(50):
            offer, ready = random.random() < offers, int(random.random() < readies)
            await stream.cycle(offer, ready, int(random.random() < 0.02))
