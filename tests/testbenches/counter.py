"""counter: a plain cocotb testbench, as a user would bring it."""

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


@cocotb.test()
async def counts_and_wraps(dut):
    Clock(dut.clk, 10, "ns").start()
    dut.rst.value = 1
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)
    dut.rst.value = 0
    modulus = 1 << len(dut.q)
    for expected in range(modulus + 3):
        got = int(dut.q.value)
        assert got == expected % modulus, f"q: expected {expected % modulus}, got {got}"
        await FallingEdge(dut.clk)


@cocotb.test()
async def width_is_the_parameter(dut):
    assert len(dut.q) == dut.WIDTH.value
