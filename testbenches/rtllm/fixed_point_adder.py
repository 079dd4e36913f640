"""fixed_point_adder: the sum of two words of 32 bits, of which 15 are fractional.

The text speaks of absolute values and of a sign bit, and leaves open whether negative numbers are
sign and magnitude or two's complement. A design may choose, for all operands alike. In two's
complement only the sign of a sum that does not fit is compared: the sign of its operands.
"""

import random

import cocotb
from fixed_point import MAGNITUDE, SIGN, Operands, twos_complement

ALL = SIGN | MAGNITUDE


def sign_and_magnitude(a, b):
    large, small = sorted((a, b), key=lambda word: word & MAGNITUDE, reverse=True)
    if not (a ^ b) & SIGN:
        return a + b & MAGNITUDE | a & SIGN, ALL
    difference = (large & MAGNITUDE) - (small & MAGNITUDE)
    return difference | large & SIGN if difference else 0, ALL


def in_twos_complement(a, b):
    total = twos_complement(a) + twos_complement(b)
    return (total & ALL, ALL) if -SIGN <= total < SIGN else (a, SIGN)


def operands(dut):
    return Operands(dut, sign_and_magnitude, in_twos_complement)


@cocotb.test()
async def signs_and_extremes(dut):
    sums = operands(dut)
    for a in (0, 1, 2, 1 << 15, SIGN - 2, SIGN - 1):
        for b in (0, 1, 2, 1 << 15, SIGN - 2, SIGN - 1):
            for signs in (0, 1, 3, 2, 3, 1):  # a zero may follow either sign
                await sums.apply(a=a | (signs & 1) << 31, b=b | (signs >> 1) << 31)
    sums.compare()


@cocotb.test()
async def differences_of_one_bit(dut):
    sums = operands(dut)
    for bit in range(31):
        smaller = random.randrange(SIGN - (1 << bit))
        pair = smaller, smaller + (1 << bit)
        for a, b in (pair, pair[::-1]):
            await sums.apply(a=a, b=b | SIGN)
            await sums.apply(a=a | SIGN, b=b)
    sums.compare()


@cocotb.test()
async def equal_magnitudes(dut):
    sums = operands(dut)
    for _ in range(40):
        magnitude = random.getrandbits(31)
        for signs in (0, 1, 3, 2, 3, 1):
            await sums.apply(a=magnitude | (signs & 1) << 31, b=magnitude | (signs >> 1) << 31)
    sums.compare()


@cocotb.test()
async def one_operand_at_a_time(dut):
    sums = operands(dut)
    await sums.apply(a=0, b=0)
    for _ in range(200):
        await sums.apply(a=random.getrandbits(32))
        await sums.apply(b=random.getrandbits(32))
    sums.compare()
