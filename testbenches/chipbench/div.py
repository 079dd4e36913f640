"""div: signed or unsigned 32-bit division that takes its time.

`start_i` and the operands are held until `ready_o`; then `start_i` falls and the unit must be free
again. How long a division takes is left open, and so is division by zero.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

MASK, SIGN = (1 << 32) - 1, 1 << 31
LONGEST = 120
EDGES = (0, 1, 2, 3, 0xFFFF, SIGN - 1, SIGN, SIGN + 1, MASK - 1, MASK)


def number(value):
    return value - 2 * (value & SIGN)


def expected(dividend, divisor, signed):
    """Remainder and quotient; the quotient is rounded towards zero."""
    if signed:
        dividend, divisor = number(dividend), number(divisor)
    quotient = abs(dividend) // abs(divisor)
    if (dividend < 0) != (divisor < 0):
        quotient = -quotient
    remainder = dividend - quotient * divisor
    return (remainder & MASK) << 32 | quotient & MASK


async def start(dut):
    dut.start_i.value, dut.annul_i.value, dut.signed_div_i.value = 0, 0, 0
    dut.opdata1_i.value, dut.opdata2_i.value = 0, 1
    dut.rst.value = 1
    Clock(dut.clk, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    assert dut.ready_o.value == 0, f"ready_o: expected 0 in reset, got {dut.ready_o.value}"
    dut.rst.value = 0
    await FallingEdge(dut.clk)


def begin(dut, dividend, divisor, signed):
    dut.opdata1_i.value, dut.opdata2_i.value = dividend, divisor
    dut.signed_div_i.value, dut.start_i.value = signed, 1


async def end(dut):
    """Take `start_i` back and wait until the unit is free."""
    dut.start_i.value = 0
    for _ in range(4):
        await FallingEdge(dut.clk)
    assert dut.ready_o.value == 0, f"ready_o: expected 0 without start_i, got {dut.ready_o.value}"


async def divide(dut, dividend, divisor, signed):
    begin(dut, dividend, divisor, signed)
    what = f"{'signed' if signed else 'unsigned'} {dividend:#010x} / {divisor:#010x}"
    for _ in range(LONGEST):
        await FallingEdge(dut.clk)
        ready = str(dut.ready_o.value)
        assert ready in ("0", "1"), f"ready_o: {ready} during {what}"
        if ready == "1":
            break
    else:
        raise AssertionError(f"ready_o: still 0 after {LONGEST} cycles of {what}")
    got, wanted = dut.result_o.value, expected(dividend, divisor, signed)
    assert got == wanted, f"result_o: expected {wanted:#018x} for {what}, got {got}"
    await end(dut)


@cocotb.test()
async def extremes(dut):
    await start(dut)
    for dividend in EDGES:
        for divisor in EDGES:
            if divisor:
                for signed in (0, 1):
                    await divide(dut, dividend, divisor, signed)


@cocotb.test()
async def random_operands(dut):
    await start(dut)
    for _ in range(60):
        dividend, divisor = random.getrandbits(32), random.randrange(1, 2 << random.randrange(32))
        if random.random() < 0.3:
            divisor = -divisor & MASK
        await divide(dut, dividend, divisor, random.getrandbits(1))


async def stays_idle(dut, why):
    for _ in range(LONGEST // 2):
        await FallingEdge(dut.clk)
        assert dut.ready_o.value == 0, f"ready_o: expected 0 {why}, got {dut.ready_o.value}"


@cocotb.test()
async def nothing_begins_without_a_start(dut):
    await start(dut)
    dut.opdata1_i.value, dut.opdata2_i.value = 100, 7
    await stays_idle(dut, "without start_i")
    await divide(dut, 100, 7, 0)


@cocotb.test()
async def only_rising_edges_count(dut):
    await start(dut)
    begin(dut, 100, 7, 0)
    for _ in range(LONGEST):
        await RisingEdge(dut.clk)
        await Timer(4, "ns")
        before = dut.ready_o.value
        await FallingEdge(dut.clk)
        await Timer(1, "ns")
        assert dut.ready_o.value == before, "ready_o: changes at a falling edge"
        if before == 1:
            break
    await end(dut)


@cocotb.test()
async def a_division_can_be_cancelled(dut):
    """`annul_i` with `start_i` still high, at several moments; the next division is right."""
    await start(dut)
    for cycles in (1, 2, 5, 17, 30):
        begin(dut, 1000, 3, 0)
        for _ in range(cycles):
            await FallingEdge(dut.clk)
        dut.annul_i.value = 1
        await stays_idle(dut, f"after annul_i came {cycles} cycles after start_i")
        dut.start_i.value, dut.annul_i.value = 0, 0
        await stays_idle(dut, "after a cancelled division")
        await divide(dut, MASK - cycles, 9, 1)


@cocotb.test()
async def a_reset_ends_a_division(dut):
    await start(dut)
    for cycles in (1, 2, 5, 17, 30):
        begin(dut, 1000, 3, 0)
        for _ in range(cycles):
            await FallingEdge(dut.clk)
        dut.rst.value, dut.start_i.value = 1, 0
        await FallingEdge(dut.clk)
        assert dut.ready_o.value == 0, f"ready_o: expected 0 in reset, got {dut.ready_o.value}"
        dut.rst.value = 0
        await stays_idle(dut, "after a reset")
        await divide(dut, SIGN + cycles, 77, 0)
