"""uart_rx: a sender with its own bit time, and a monitor that collects bytes and errors."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

CLOCK_NS = 10


class Receiver:
    """Drives the line; `seen` collects bytes and errors from the outputs."""

    def __init__(self, dut):
        self.dut, self.seen, self.byte = dut, [], 0
        self.clocks = int(dut.CLKS_PER_BIT.value)

    async def start(self):
        dut = self.dut
        Clock(dut.clk, CLOCK_NS, "ns").start()
        dut.rxd.value, dut.rst.value = 1, 1
        for _ in range(3):
            await FallingEdge(dut.clk)
        dut.rst.value = 0
        await FallingEdge(dut.clk)
        cocotb.start_soon(self.monitor("valid"))
        cocotb.start_soon(self.monitor("frame_error"))

    async def monitor(self, name):
        """Records the pulses of an output, and that each is one clock cycle long."""
        dut, port = self.dut, getattr(self.dut, name)
        while True:
            await RisingEdge(port)
            assert dut.clk.value == 1, f"{name}: expected to rise with clk, got a change without"
            await FallingEdge(dut.clk)
            self.seen.append(str(dut.data.value) if name == "valid" else name)
            await FallingEdge(dut.clk)
            assert port.value == 0, f"{name}: expected a pulse of one cycle, got {port.value}"

    def line(self, level):
        self.dut.rxd.value = level

    async def hold(self, level, bits, stretch=1.0):
        """Keep a level for a number of bit times, in whole nanoseconds."""
        self.line(level)
        if bits:
            await Timer(round(bits * self.clocks * CLOCK_NS * stretch), "ns")

    async def frame(self, byte, stretch=1.0, stop=1.0):
        """Start bit, data bits and a part of a good stop bit."""
        await self.hold(0, 1, stretch)
        for k in range(8):
            await self.hold(byte >> k & 1, 1, stretch)
        await self.hold(1, stop, stretch)

    async def receive(self, byte, idle=0.5, stop=1):
        """One frame, and what is reported after the middle of its stop bit, not before."""
        self.seen.clear()
        await self.frame(byte, stop=0)
        await self.hold(stop, 0.4)
        self.compare()
        latest = 0.1 * self.clocks + 5 + 1  # five cycles after the middle, one for the monitor
        await self.hold(stop, latest / self.clocks)
        self.compare(byte if stop else None)
        self.seen.clear()
        await self.hold(stop, idle)

    def compare(self, *events):
        """The pulses since the last clearing of `seen`: bytes, or None for an error."""
        wanted = ["frame_error" if e is None else f"{e:08b}" for e in events]
        assert self.seen == wanted, f"valid, frame_error: expected {wanted}, got {self.seen}"
        self.byte = next((e for e in reversed(events) if e is not None), self.byte)
        got = self.dut.data.value
        assert got == self.byte, f"data: expected {self.byte:#04x} to stay, got {got}"


@cocotb.test()
async def single_bytes(dut):
    rx = Receiver(dut)
    await rx.start()
    await rx.hold(1, 2)
    for byte in (0x55, 0x00, 0xFF, 0x01, 0x80, 0xC9):
        await rx.receive(byte, idle=random.choice((0.3, 1, 2.7)))


@cocotb.test()
async def back_to_back(dut):
    """Each start bit right behind a stop bit, from exact, fast and slow senders."""
    rx = Receiver(dut)
    await rx.start()
    for stretch in (1.0, 0.98, 1.02):
        data = (0x55, 0x7F, 0x80, random.getrandbits(8))
        for byte in data:
            await rx.frame(byte, stretch)
        await rx.hold(1, 1)
        rx.compare(*data)
        rx.seen.clear()


@cocotb.test()
async def glitches_are_no_start_bits(dut):
    rx = Receiver(dut)
    await rx.start()
    for length in (0.1, 0.2, 0.3, 0.35):
        await rx.hold(0, length)
        await rx.hold(1, 1.5)
    await rx.hold(1, 12)
    rx.compare()
    await rx.hold(0, 0.25)
    await rx.hold(1, 0.75)
    await rx.receive(0xA6)


@cocotb.test()
async def frame_errors(dut):
    """Stop bit 0: an error, no byte, and no new frame before the line has been 1."""
    rx = Receiver(dut)
    await rx.start()
    await rx.receive(0x3C)
    for byte in (0x00, 0xF0):
        await rx.receive(byte, stop=0)
        await rx.hold(0, 12)
        await rx.hold(1, 1.5)
        rx.compare()
    await rx.receive(0x96)


@cocotb.test()
async def reset_waits_for_the_clock(dut):
    """A pulse of `rst` between clock edges, while the receiver waits for the line to be 1."""
    rx = Receiver(dut)
    await rx.start()
    await rx.receive(0x69, stop=0)
    await FallingEdge(dut.clk)
    dut.rst.value = 1
    await Timer(2, "ns")
    dut.rst.value = 0
    await rx.hold(0, 12)
    await rx.hold(1, 1.5)
    rx.compare()


@cocotb.test()
async def reset_in_a_frame(dut):
    rx = Receiver(dut)
    await rx.start()
    await rx.receive(0xE1)
    rx.seen.clear()
    for bits in (0.3, 1.5, 4.5):
        await rx.hold(0, bits)
        await FallingEdge(dut.clk)
        rx.line(1)
        dut.rst.value = 1
        await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)
        rx.byte = 0
        rx.compare()
        dut.rst.value = 0
        await rx.hold(1, 10.5)
        rx.compare()
        await rx.receive(0x4B)


@cocotb.test()
async def reset_right_after_a_frame(dut):
    """In the cycle of `valid` or `frame_error`, which does not get longer for it."""
    rx = Receiver(dut)
    await rx.start()
    for name, stop in (("valid", 1), ("frame_error", 0)):
        port = getattr(dut, name)
        await rx.frame(0xB2, stop=0)
        rx.line(stop)
        for _ in range(rx.clocks):
            await FallingEdge(dut.clk)
            if port.value == 1:
                break
        dut.rst.value = 1
        await FallingEdge(dut.clk)
        assert port.value == 0, f"{name}: expected 0 in reset, got {port.value}"
        rx.line(1)
        await FallingEdge(dut.clk)
        dut.rst.value, rx.byte = 0, 0
        rx.seen.clear()
        await rx.hold(1, 1.5)
        await rx.receive(0x4D)
