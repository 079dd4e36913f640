"""freq_diveven: a clock divided by NUM_DIV, an even number."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def periods(dut, cycles):
    """Compare `cycles` cycles after a reset."""
    half = int(dut.NUM_DIV.value) // 2
    for cycle in range(1, cycles + 1):
        await FallingEdge(dut.clk)
        expected = cycle // half & 1
        got = dut.clk_div.value
        assert got == expected, f"clk_div: expected {expected}, got {got} in cycle {cycle}"


async def reset(dut):
    dut.rst_n.value = 0
    await FallingEdge(dut.clk)
    assert dut.clk_div.value == 0, f"clk_div: expected 0 in reset, got {dut.clk_div.value}"
    await FallingEdge(dut.clk)
    dut.rst_n.value = 1


async def start(dut):
    dut.rst_n.value = 0
    Clock(dut.clk, 10, "ns").start()
    await FallingEdge(dut.clk)
    await reset(dut)


@cocotb.test()
async def several_periods(dut):
    await start(dut)
    await periods(dut, 60)


@cocotb.test()
async def resets_at_each_phase(dut):
    await start(dut)
    for cycles in range(1, 14):
        await periods(dut, cycles)
        await reset(dut)
    await periods(dut, 25)
