"""multi_pipe_8bit: pipelined products; how many stages there are is left open."""

import random

import cocotb
from cocotb.triggers import FallingEdge
from pipeline import LONGEST, check, start

IDLE = {"mul_en_in": 0, "mul_a": 0, "mul_b": 0}


async def multiply(dut, operands):
    """The output is zero in a cycle without a product."""
    await start(dut, dut.clk, dut.rst_n, IDLE)
    cycles = [
        ({"mul_en_in": int(on), "mul_a": a, "mul_b": b}, a * b if on else None)
        for on, a, b in operands
    ]
    seen = await check(dut, dut.clk, cycles, dut.mul_en_out, dut.mul_out)
    for at, (valid, value) in enumerate(seen):
        if valid == 0:
            assert value == 0, f"mul_out: expected 0 without mul_en_out, got {value} in cycle {at}"


def operands(count, share):
    return [
        (random.random() < share, random.getrandbits(8), random.getrandbits(8))
        for _ in range(count)
    ]


@cocotb.test()
async def one_product_at_a_time(dut):
    await multiply(dut, [(at % 12 == 0, *rest) for at, (_, *rest) in enumerate(operands(240, 1))])


@cocotb.test()
async def a_product_in_each_cycle(dut):
    await multiply(dut, operands(300, 1.1))


@cocotb.test()
async def with_pauses(dut):
    await multiply(dut, [(True, 3, 5), *operands(300, 0.5)])


@cocotb.test()
async def single_bits_and_extremes(dut):
    await multiply(dut, [(True, 1 << a, 1 << b) for a in range(8) for b in range(8)])
    edges = (0, 1, 127, 128, 254, 255)
    await multiply(dut, [(True, a, b) for a in edges for b in edges])


@cocotb.test()
async def reset_empties_the_pipeline(dut):
    """With the first products on their way, and with all stages full."""
    await start(dut, dut.clk, dut.rst_n, IDLE)
    for cycles in (3, LONGEST):
        dut.mul_en_in.value, dut.mul_a.value, dut.mul_b.value = 1, 255, 255
        for _ in range(cycles):
            await FallingEdge(dut.clk)
        dut.mul_en_in.value, dut.rst_n.value = 0, 0
        for _ in range(20):
            await FallingEdge(dut.clk)
            assert dut.mul_en_out.value == 0, "mul_en_out: expected 0 after a reset"
            assert dut.mul_out.value == 0, f"mul_out: expected 0, got {dut.mul_out.value}"
            dut.rst_n.value = 1
