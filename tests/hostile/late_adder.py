"""adder8 by a plain testbench that is imported in the simulation, for it takes random numbers."""

import random

import cocotb
from cocotb.triggers import Timer

PAIRS = [(random.randrange(256), random.randrange(256)) for _ in range(20)]


@cocotb.test()
async def random_sums(dut):
    for a, b in PAIRS:
        dut.a.value, dut.b.value = a, b
        await Timer(1, "ns")
        assert dut.y.value == a + b & 0xFF, f"y: expected {a + b & 0xFF}, got {dut.y.value}"
