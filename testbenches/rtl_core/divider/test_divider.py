"""divider: sequential division with the corner cases of RISC-V, cycle-exact handshake."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


def divide(a, b, is_signed, width):
    """Quotient and remainder as unsigned numbers of `width` bits."""
    full, sign = (1 << width) - 1, 1 << (width - 1)
    if is_signed:
        a, b = (a ^ sign) - sign, (b ^ sign) - sign
    if b == 0:
        return full, a & full
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return quotient & full, (a - quotient * b) & full


class Divider:
    """Drives one cycle at a time; `left` is the number of busy cycles to come."""

    def __init__(self, dut):
        self.dut, self.width = dut, int(dut.WIDTH.value)
        self.left, self.done, self.result, self.coming = 0, 0, None, None
        self.operands = ""

    async def start(self):
        dut = self.dut
        Clock(dut.clk, 10, "ns").start()
        dut.rst.value, dut.start.value, dut.is_signed.value = 1, 1, 0
        dut.dividend.value, dut.divisor.value = 1, 1
        await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)

    def expect(self, name, value):
        got = getattr(self.dut, name).value
        assert got == value, f"{name}: expected {value:#x}, got {got}, last started {self.operands}"

    def compare(self):
        self.expect("busy", int(self.left > 0))
        self.expect("done", self.done)
        if self.result is not None:
            self.expect("quotient", self.result[0])
            self.expect("remainder", self.result[1])

    async def cycle(self, start=0, a=None, b=None, is_signed=None, rst=0):
        dut, width = self.dut, self.width
        a, b = (random.getrandbits(width) if x is None else x for x in (a, b))
        is_signed = random.getrandbits(1) if is_signed is None else is_signed
        dut.rst.value, dut.start.value, dut.is_signed.value = rst, start, is_signed
        dut.dividend.value, dut.divisor.value = a, b
        await Timer(2, "ns")
        self.compare()
        await RisingEdge(dut.clk)
        self.done = 0
        if rst:
            self.left, self.result = 0, None
        elif self.left:
            self.left -= 1
            if not self.left:
                self.done, self.result = 1, self.coming
        elif start:
            self.left, self.result = width, None
            self.coming = divide(a, b, is_signed, width)
            self.operands = f"{a:#x} / {b:#x}, is_signed={is_signed}"
        await Timer(2, "ns")
        self.compare()
        await FallingEdge(dut.clk)

    async def divide(self, a, b, is_signed, pause=0):
        """One division with noise on the inputs, and a pause in which the result stays."""
        full = (1 << self.width) - 1
        await self.cycle(1, a & full, b & full, is_signed)
        while self.left:
            await self.cycle(start=random.getrandbits(1))
        for _ in range(pause):
            await self.cycle()


@cocotb.test()
async def unsigned_division(dut):
    unit = Divider(dut)
    await unit.start()
    for a, b in ((7, 2), (0, 3), (-1, 1), (-1, -1), (5, 9), (-1, 2), (1 << unit.width - 1, -1)):
        await unit.divide(a, b, 0)
    for _ in range(8):
        await unit.divide(random.getrandbits(unit.width), random.randrange(1, 12), 0)


@cocotb.test()
async def signed_division(dut):
    unit = Divider(dut)
    await unit.start()
    for a, b in itertools.product((-7, 7, 0), (-2, 2, 1)):
        await unit.divide(a, b, 1)


@cocotb.test()
async def division_by_zero_and_overflow(dut):
    unit = Divider(dut)
    await unit.start()
    lowest = 1 << unit.width - 1
    for a in (0, 5, -5, lowest, lowest - 1):
        await unit.divide(a, 0, 0)
        await unit.divide(a, 0, 1)
    await unit.divide(lowest, -1, 1)
    await unit.divide(lowest, 1, 1)
    await unit.divide(lowest, lowest, 1)
    await unit.divide(3, lowest, 1)


@cocotb.test()
async def results_stay(dut):
    """Until the next start, which may come in any cycle from `done` on."""
    unit = Divider(dut)
    await unit.start()
    for pause in (0, 1, 2, 5, 0, 0):
        a, b = random.getrandbits(unit.width), random.randrange(1, 9)
        await unit.divide(a, b, random.getrandbits(1), pause)


@cocotb.test()
async def reset_under_way(dut):
    unit = Divider(dut)
    await unit.start()
    for cycles in (0, 1, 3, unit.width - 2, unit.width - 1, unit.width):
        await unit.cycle(1, 29, 3, 0)
        for _ in range(cycles):
            await unit.cycle()
        await unit.cycle(start=1, rst=1)
        for _ in range(2):
            await unit.cycle()
    await unit.divide(29, 3, 0)


@cocotb.test()
async def random_divisions(dut):
    unit = Divider(dut)
    await unit.start()
    for _ in range(12):
        a, b = (random.getrandbits(unit.width) >> random.randrange(unit.width) for _ in "ab")
        await unit.divide(a, b, random.getrandbits(1), random.randrange(2))
