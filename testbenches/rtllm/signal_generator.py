"""signal_generator: triangle wave between 0 and 31.

The specification can be read with one or with two cycles at 0 and 31. A design may choose, once.
A reset does not wait for the clock.
"""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer

RISE, FALL = list(range(1, 31)), list(range(30, 0, -1))
LONG = [*RISE, 31, 31, *FALL, 0, 0] * 4
SHORT = [*RISE, 31, *FALL, 0] * 4


async def start(dut):
    dut.rst_n.value = 0
    Clock(dut.clk, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    await reset(dut)


async def reset(dut):
    dut.rst_n.value = 0
    await Timer(1, "ns")
    assert dut.wave.value == 0, f"wave: expected 0 at once in reset, got {dut.wave.value}"
    await FallingEdge(dut.clk)
    assert dut.wave.value == 0, f"wave: expected 0 in reset, got {dut.wave.value}"
    dut.rst_n.value = 1


async def compare(dut, cycles, allowed):
    """Compare from a reset on; return the readings that still hold."""
    for cycle in range(cycles):
        await FallingEdge(dut.clk)
        got = dut.wave.value
        held = [reading for reading in allowed if got == reading[cycle]]
        expected = " or ".join(map(str, dict.fromkeys(reading[cycle] for reading in allowed)))
        assert held, f"wave: expected {expected}, got {got} in cycle {cycle + 1}"
        allowed = held
    return allowed


@cocotb.test()
async def three_periods(dut):
    await start(dut)
    await compare(dut, 190, [LONG, SHORT])


@cocotb.test()
async def resets_on_the_way(dut):
    await start(dut)
    allowed = [LONG, SHORT]
    for cycles in (1, 5, 30, 31, 32, 33, 40, 62, 63, 64, 65, 70):
        allowed = await compare(dut, cycles, allowed)
        await reset(dut)
    await compare(dut, 130, allowed)
