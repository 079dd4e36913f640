"""pulse_synchronization_circuit: a pulse of one cycle from a fast clock to a slow one.

How many slow cycles the pulse takes is left open. Pulses come far apart, as the specification says.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

LATEST = 8
"""Slow cycles after which a pulse must have come and gone."""


async def start(dut):
    dut.data_in.value, dut.rst_n.value = 0, 0
    Clock(dut.clk_fast, 10, "ns").start()
    await Timer(random.randrange(1, 9), "ns")
    Clock(dut.clk_slow, 100, "ns").start()
    for _ in range(2):
        await FallingEdge(dut.clk_slow)
    assert dut.data_out.value == 0, f"data_out: expected 0 in reset, got {dut.data_out.value}"
    await FallingEdge(dut.clk_fast)
    dut.rst_n.value = 1


async def pulse(dut):
    """A pulse around one rising edge of the fast clock."""
    await FallingEdge(dut.clk_fast)
    await Timer(1, "ns")
    dut.data_in.value = 1
    await RisingEdge(dut.clk_fast)
    await Timer(2, "ns")
    dut.data_in.value = 0


async def ones(dut, cycles=LATEST):
    """In how many slow cycles the output is 1; it may change at rising edges only."""
    seen = ""
    for _ in range(cycles):
        await RisingEdge(dut.clk_slow)
        await Timer(2, "ns")
        early = str(dut.data_out.value)
        await FallingEdge(dut.clk_slow)
        await Timer(2, "ns")
        late = str(dut.data_out.value)
        await Timer(40, "ns")
        assert early == late == str(dut.data_out.value), (
            f"data_out: {early}, {late}, {dut.data_out.value} in one slow cycle"
        )
        seen += early
    assert set(seen) <= {"0", "1"}, f"data_out: {seen}"
    assert seen[-1] == "0", f"data_out: still 1 after {cycles} slow cycles"
    return seen.count("1")


async def expect(dut, number, why):
    got = await ones(dut)
    assert got == number, f"data_out: expected {number} cycles of 1 {why}, got {got}"


@cocotb.test()
async def one_for_one(dut):
    await start(dut)
    await expect(dut, 0, "without a pulse")
    for _ in range(6):
        for _ in range(random.randrange(11)):
            await FallingEdge(dut.clk_fast)
        await pulse(dut)
        await expect(dut, 1, "for one pulse")


@cocotb.test()
async def rising_edges_of_the_fast_clock_alone_count(dut):
    await start(dut)
    for _ in range(3):
        await RisingEdge(dut.clk_fast)
        await Timer(2, "ns")
        dut.data_in.value = 1
        await FallingEdge(dut.clk_fast)
        await Timer(2, "ns")
        dut.data_in.value = 0
        await expect(dut, 0, "for a pulse around a falling edge")
        await pulse(dut)
        await expect(dut, 1, "for one pulse")


@cocotb.test()
async def a_reset_drops_a_pulse(dut):
    """At once, and with no clock edge while it lasts."""
    await start(dut)
    for wait in (*range(4), *range(4)):
        if random.getrandbits(1):
            await pulse(dut)
            await expect(dut, 1, "for one pulse")
        await pulse(dut)
        for _ in range(wait):
            await RisingEdge(dut.clk_slow)
        await FallingEdge(dut.clk_fast)
        await Timer(1, "ns")
        dut.rst_n.value = 0
        await Timer(2, "ns")
        assert dut.data_out.value == 0, f"data_out: expected 0 in reset, got {dut.data_out.value}"
        dut.rst_n.value = 1
        await expect(dut, 0, f"after a reset {wait} slow cycles after a pulse")
        await pulse(dut)
        await expect(dut, 1, "for one pulse after a reset")
