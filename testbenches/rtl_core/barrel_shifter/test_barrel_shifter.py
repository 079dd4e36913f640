"""barrel_shifter: shifts and rotates of a parameterised width.

Few checks of wide words: a design of one multiplexer per bit takes 10 ms for each of 32 bits.
"""

import random

import cocotb
from cocotb.triggers import Timer

NAMES = ("shift left", "logical shift right", "arithmetic shift right", "rotate right")


def golden(op, data, amount, width):
    bits = f"{data:0{width}b}"
    kept = bits[: width - amount]
    return int(
        {
            0: bits[amount:] + "0" * amount,
            1: "0" * amount + kept,
            2: bits[0] * amount + kept,
            3: bits[width - amount :] + kept,
        }[op],
        2,
    )


async def check(dut, op, data, amount):
    width = int(dut.WIDTH.value)
    dut.op.value, dut.data.value, dut.amount.value = op, data, amount
    await Timer(5, "ns")
    expected, got = golden(op, data, amount, width), dut.result.value
    assert got == expected, (
        f"result: expected {expected:0{width}b}, got {got} for {NAMES[op]} of {data:0{width}b} "
        f"by {amount}"
    )


async def every_amount(dut, op):
    """Each amount, or each bit of a wide one, on random words of either sign and corner words."""
    width = int(dut.WIDTH.value)
    full = (1 << width) - 1
    powers = (1 << k for k in range(width.bit_length() - 1))
    for amount in range(width) if width <= 16 else (0, *powers, width - 1):
        word = random.getrandbits(width)
        for data in (word, word ^ full, 1 << (width - 1), full, 1)[: 64 // width]:
            await check(dut, op, data, amount)


@cocotb.test()
async def shift_left(dut):
    await every_amount(dut, 0)


@cocotb.test()
async def logical_shift_right(dut):
    await every_amount(dut, 1)


@cocotb.test()
async def arithmetic_shift_right(dut):
    await every_amount(dut, 2)


@cocotb.test()
async def rotate_right(dut):
    await every_amount(dut, 3)


@cocotb.test()
async def one_input_at_a_time(dut):
    """A name missing in a sensitivity list shows only if the other inputs stay unchanged."""
    width = int(dut.WIDTH.value)
    for op in range(4) if width <= 16 else ():
        data, amount = 0b1011 << width - 4 | 0b0110, width // 2 + 1
        await check(dut, op, data, amount)
        await check(dut, op, data ^ (1 << width) - 1, amount)
        await check(dut, op, data ^ (1 << width) - 1, amount - 1)
        for other in (op + 1, op + 2, op + 3, op):
            await check(dut, other % 4, data ^ (1 << width) - 1, amount - 1)


@cocotb.test()
async def random_operations(dut):
    width = int(dut.WIDTH.value)
    for _ in range(409_600 // width**3):
        data, amount = random.getrandbits(width), random.randrange(width)
        await check(dut, random.randrange(4), data, amount)
