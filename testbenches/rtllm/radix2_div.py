"""radix2_div: signed or unsigned division with a handshake. Division by zero is not specified."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

LONGEST = 40


def signed(value):
    return value - 256 * (value >> 7)


def expected(dividend, divisor, sign):
    """Remainder and quotient; the quotient is rounded towards zero."""
    if sign:
        dividend, divisor = signed(dividend), signed(divisor)
    quotient = abs(dividend) // abs(divisor)
    if (dividend < 0) != (divisor < 0):
        quotient = -quotient
    remainder = dividend - quotient * divisor
    return (remainder & 255) << 8 | quotient & 255


async def start(dut):
    dut.opn_valid.value, dut.res_ready.value, dut.sign.value = 0, 0, 0
    dut.dividend.value, dut.divisor.value = 0, 1
    dut.rst.value = 1
    Clock(dut.clk, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    assert dut.res_valid.value == 0, f"res_valid: expected 0 in reset, got {dut.res_valid.value}"
    dut.rst.value = 0


def offer(dut):
    """Other operands, which a division under way and a result that waits must not notice."""
    dut.dividend.value, dut.divisor.value = random.getrandbits(8), random.randrange(1, 256)


async def divide(dut, dividend, divisor, sign, wait=0):
    """One division; its result must stay until it is taken, whatever is on offer."""
    dut.dividend.value, dut.divisor.value, dut.sign.value = dividend, divisor, sign
    dut.opn_valid.value = 1
    await FallingEdge(dut.clk)
    dut.opn_valid.value = 0
    for _ in range(LONGEST):
        offer(dut)
        if dut.res_valid.value == 1:
            break
        await FallingEdge(dut.clk)
    kind = "signed" if sign else "unsigned"
    what = f"{kind} {dividend:#04x} / {divisor:#04x}"
    for _ in range(wait + 1):
        assert dut.res_valid.value == 1, f"res_valid: expected 1 for {what}"
        got, wanted = dut.result.value, expected(dividend, divisor, sign)
        assert got == wanted, f"result: expected {wanted:#06x} for {what}, got {got}"
        if wait:
            offer(dut)
            dut.opn_valid.value = 1
            await FallingEdge(dut.clk)
            dut.opn_valid.value = 0
            wait -= 1
    dut.res_ready.value = 1
    await FallingEdge(dut.clk)
    dut.res_ready.value = 0
    assert dut.res_valid.value == 0, "res_valid: expected 0 after the result was taken"


@cocotb.test()
async def extremes(dut):
    await start(dut)
    for dividend in (0, 1, 2, 100, 127, 128, 129, 254, 255):
        for divisor in (1, 2, 3, 127, 128, 129, 255):
            for sign in (0, 1):
                await divide(dut, dividend, divisor, sign)


@cocotb.test()
async def random_operands(dut):
    await start(dut)
    for _ in range(120):
        divisor = random.randrange(1, 1 << random.randrange(1, 9))
        await divide(
            dut, random.getrandbits(8), divisor, random.getrandbits(1), random.randrange(3)
        )


@cocotb.test()
async def what_is_refused_has_no_result(dut):
    await start(dut)
    for wait in (1, 2):
        await divide(dut, 200, 7, 0, wait)
        for _ in range(12):
            await FallingEdge(dut.clk)
            assert dut.res_valid.value == 0, "res_valid: 1 without a division"


@cocotb.test()
async def a_reset_ends_a_division(dut):
    """After each of its steps, and while the result waits."""
    await start(dut)
    for cycles in (*range(1, 9), LONGEST):
        dut.dividend.value, dut.divisor.value, dut.opn_valid.value = 200, 3, 1
        for _ in range(cycles):
            await FallingEdge(dut.clk)
            dut.opn_valid.value = 0
        dut.rst.value = 1
        await FallingEdge(dut.clk)
        dut.rst.value = 0
        for _ in range(12):
            await FallingEdge(dut.clk)
            assert dut.res_valid.value == 0, "res_valid: 1 after a reset without a division"
        await divide(dut, 77, 5, 0)
