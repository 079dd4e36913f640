"""fixed_point_subtractor: a - b of two words of 32 bits, compared where the text is clear.

It leaves open whether negative numbers are sign and magnitude or two's complement; a design may
choose, for all operands alike. With equal signs the text says what a - b is only for |a| >= |b|.
With different signs the absolute values add up; which sign the sum has is clear only for |a| > |b|
where signs and magnitudes are meant. The sign of a zero is left out there, and in two's complement
a difference that does not fit.
"""

import random

import cocotb
from fixed_point import MAGNITUDE, SIGN, Operands, twos_complement

ALL = SIGN | MAGNITUDE


def sign_and_magnitude(word_a, word_b):
    a, b = word_a & MAGNITUDE, word_b & MAGNITUDE
    if (word_a ^ word_b) & SIGN:
        total = a + b & MAGNITUDE
        return word_a & SIGN | total, ALL if a > b and total else MAGNITUDE
    if a > b:
        return word_a & SIGN | a - b, ALL
    return 0, MAGNITUDE if a == b else 0


def in_twos_complement(word_a, word_b):
    a, b = twos_complement(word_a), twos_complement(word_b)
    clear = -SIGN <= a - b < SIGN and ((word_a ^ word_b) & SIGN or abs(a) >= abs(b))
    return a - b & ALL, ALL if clear else 0


def operands(dut):
    return Operands(dut, sign_and_magnitude, in_twos_complement)


@cocotb.test()
async def signs_and_extremes(dut):
    differences = operands(dut)
    for a in (0, 1, 2, 1 << 15, MAGNITUDE - 1, MAGNITUDE):
        for b in (0, 1, 2, 1 << 15, MAGNITUDE - 1, MAGNITUDE):
            for signs in range(4):
                await differences.apply(a=a | (signs & 1) << 31, b=b | (signs >> 1) << 31)
    differences.compare()


@cocotb.test()
async def the_larger_first(dut):
    differences = operands(dut)
    for _ in range(300):
        b, a = sorted(random.getrandbits(31) for _ in range(2))
        signs = random.getrandbits(2)
        await differences.apply(a=a | (signs & 1) << 31, b=b | (signs >> 1) << 31)
    differences.compare()


@cocotb.test()
async def one_operand_at_a_time(dut):
    differences = operands(dut)
    await differences.apply(a=0, b=0)
    for _ in range(200):
        await differences.apply(a=random.getrandbits(32))
        await differences.apply(b=random.getrandbits(32))
    differences.compare()
