"""gray_counter: parameterised Gray counter with a binary copy of the count."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


def check(dut, count, when):
    """Compare both outputs with the count."""
    for name, expected in (("binary", count), ("gray", count ^ count >> 1)):
        got = getattr(dut, name).value
        assert got == expected, (
            f"{name}: expected {expected:0{len(got)}b}, got {got} {when}, count {count}"
        )


async def start(dut):
    """Clock, and a reset that is released at a falling edge."""
    Clock(dut.clk, 10, "ns").start()
    dut.rst_n.value, dut.enable.value, dut.clear.value = 0, 1, 0
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    check(dut, 0, "in reset")
    dut.rst_n.value = 1


async def cycle(dut, count, enable=1, clear=0):
    """One clock cycle; returns the count that it leads to."""
    dut.enable.value, dut.clear.value = enable, clear
    await Timer(2, "ns")
    check(dut, count, "before the clock edge")
    await RisingEdge(dut.clk)
    await Timer(2, "ns")
    count = 0 if clear else (count + enable) % (1 << int(dut.WIDTH.value))
    check(dut, count, f"after a clock edge with enable={enable}, clear={clear}")
    await FallingEdge(dut.clk)
    return count


@cocotb.test()
async def counts_through(dut):
    """More than one round."""
    await start(dut)
    count = 0
    for _ in range((1 << int(dut.WIDTH.value)) + 5):
        count = await cycle(dut, count)


@cocotb.test()
async def holds_without_enable(dut):
    await start(dut)
    count = 0
    for _ in range(20):
        count = await cycle(dut, count, enable=1)
        count = await cycle(dut, count, enable=0)


@cocotb.test()
async def clears(dut):
    """With and without enable, from different counts; only at a clock edge."""
    await start(dut)
    count = 0
    for steps in range(1, 8):
        for _ in range(steps):
            count = await cycle(dut, count)
        dut.clear.value = 1
        await Timer(2, "ns")
        check(dut, count, "with clear before a clock edge")
        count = await cycle(dut, count, enable=steps & 1, clear=1)


@cocotb.test()
async def reset_acts_at_once(dut):
    """Asserted between clock edges; held over one; then counting begins anew."""
    await start(dut)
    for steps in (1, 2, 3, 5):
        count = 0
        for _ in range(steps):
            count = await cycle(dut, count)
        dut.rst_n.value = 0
        await Timer(2, "ns")
        check(dut, 0, "right after the reset began")
        await FallingEdge(dut.clk)
        check(dut, 0, "in reset")
        dut.rst_n.value = 1


@cocotb.test()
async def random_steps(dut):
    await start(dut)
    count = 0
    for _ in range(300):
        count = await cycle(dut, count, int(random.random() < 0.8), int(random.random() < 0.03))
