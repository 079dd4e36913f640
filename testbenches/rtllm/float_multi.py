"""float_multi: IEEE 754 single precision, normal numbers and special values.

Latency is left open: operands stay for forty cycles. Results are rounded to the nearest even
number, which the published design does not always do. Subnormal numbers are left out.
"""

import random
import struct

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

INFINITY = 0x7F800000
SIGN = 0x80000000


def number(sign, exponent, fraction):
    return sign << 31 | exponent << 23 | fraction


def parts(word):
    return word >> 31, word >> 23 & 255, word & 0x7FFFFF


def is_nan(word):
    return word & ~SIGN > INFINITY


def expected(a, b):
    """The product; None stands for any NaN."""
    (sa, ea, fa), (sb, eb, fb) = parts(a), parts(b)
    sign = (sa ^ sb) << 31
    if is_nan(a) or is_nan(b):
        return None
    if INFINITY in (a & ~SIGN, b & ~SIGN):
        return None if not (a & ~SIGN and b & ~SIGN) else sign | INFINITY
    if not (a & ~SIGN and b & ~SIGN):
        return sign
    product = (fa | 1 << 23) * (fb | 1 << 23)
    exponent = ea + eb - 127
    if product >> 47:
        exponent += 1
    else:
        product <<= 1
    kept, rest = product >> 24, product & (1 << 24) - 1
    half = 1 << 23
    up = rest > half or (rest == half and kept & 1)
    word = (exponent << 23) + kept + up - (1 << 23)
    return sign | min(max(word, 0), INFINITY)


async def multiply(dut, a, b, reset=True):
    dut.a.value, dut.b.value = a, b
    if reset:
        dut.rst.value = 1
        for _ in range(2):
            await FallingEdge(dut.clk)
        dut.rst.value = 0
    for _ in range(40):
        await FallingEdge(dut.clk)
    got, wanted = dut.z.value, expected(a, b)
    what = f"{a:#010x} * {b:#010x}"
    assert got.is_resolvable, f"z: {got} for {what}"
    if wanted is None:
        assert is_nan(int(got)), f"z: expected a NaN for {what}, got {int(got):#010x}"
    else:
        assert got == wanted, f"z: expected {wanted:#010x} for {what}, got {int(got):#010x}"


async def start(dut):
    dut.rst.value, dut.a.value, dut.b.value = 1, 0, 0
    Clock(dut.clk, 10, "ns").start()
    await FallingEdge(dut.clk)


def of(value):
    return struct.unpack(">I", struct.pack(">f", value))[0]


@cocotb.test()
async def simple_numbers(dut):
    await start(dut)
    values = (1.0, 2.0, 0.5, 3.0, -1.5, 10.0, -0.125, 1.1)
    for a in values:
        for b in values:
            await multiply(dut, of(a), of(b))


@cocotb.test()
async def special_values(dut):
    await start(dut)
    nan = INFINITY | 0x400001
    values = (0, SIGN, INFINITY, INFINITY | SIGN, nan, of(1.5), of(-2.0), of(0.25))
    for a in values:
        for b in values:
            await multiply(dut, a, b)


@cocotb.test()
async def random_numbers(dut):
    await start(dut)
    for at in range(120):
        a, b = (
            number(random.getrandbits(1), random.randrange(70, 185), random.getrandbits(23))
            for _ in range(2)
        )
        await multiply(dut, a, b, reset=at % 3 == 0)


@cocotb.test()
async def rounding(dut):
    """Products on, just below and just above the middle between two numbers."""
    await start(dut)
    for fraction in (1, 3, 5, 7, 0x200001, 0x200003):  # in the middle, next to odd and even ones
        await multiply(dut, number(0, 127, fraction), of(1.5))
    for at in range(60):
        a = number(0, 127, 1 << random.randrange(23) | 1)
        b = number(0, 127, random.choice((0x400000, 0x200000, 0x600000, 1, 2, 3, 0x7FFFFF)))
        await multiply(dut, a, b, reset=at == 0)
    for _ in range(40):  # products that often round up to the next power of two
        a = random.randrange(1 << 23 | 1, 1 << 24)
        b = ((1 << 47) - 1) // a
        await multiply(dut, number(0, 127, a & 0x7FFFFF), number(0, 127, b & 0x7FFFFF), reset=False)


@cocotb.test()
async def the_smallest_normal_numbers(dut):
    await start(dut)
    for fraction in (0, 1, 0x400000, 0x7FFFFF):
        await multiply(dut, number(0, 1, fraction), number(1, 127, 0))
        await multiply(dut, number(0, 100, fraction), number(0, 28, 0))


@cocotb.test()
async def underflow(dut):
    """Products that are too small for subnormal numbers too, and are zero."""
    await start(dut)
    for exponents in ((1, 1), (1, 90), (50, 50), (63, 20)):
        a, b = (number(rest, at, random.getrandbits(23)) for rest, at in enumerate(exponents))
        await multiply(dut, a, b)


@cocotb.test()
async def overflow(dut):
    await start(dut)
    for fraction in (0, 1, 0x400000, 0x7FFFFF):  # the largest numbers, and the first beyond them
        for exponent in (126, 127, 128):
            await multiply(dut, number(0, 254, fraction), number(1, exponent, 0))
            await multiply(dut, number(0, 254, 0), number(0, exponent, fraction))
    for _ in range(12):
        a, b = (
            number(random.getrandbits(1), random.randrange(200, 255), random.getrandbits(23))
            for _ in range(2)
        )
        await multiply(dut, a, b)
