"""adder_pipe_64bit: pipelined sums; how many stages there are is left open."""

import random

import cocotb
from cocotb.triggers import FallingEdge
from pipeline import LONGEST, check, start

IDLE = {"i_en": 0, "adda": 0, "addb": 0}


async def add(dut, operands):
    await start(dut, dut.clk, dut.rst_n, IDLE)
    cycles = [
        ({"i_en": int(on), "adda": a, "addb": b}, a + b if on else None) for on, a, b in operands
    ]
    await check(dut, dut.clk, cycles, dut.o_en, dut.result)


def operand():
    ones = (1 << random.randrange(65)) - 1 << random.randrange(65) & 63
    return random.choice((random.getrandbits(64), ones & (1 << 64) - 1))


@cocotb.test()
async def one_sum_at_a_time(dut):
    await add(dut, [(at % 12 == 0, operand(), operand()) for at in range(240)])


@cocotb.test()
async def a_sum_in_each_cycle(dut):
    await add(dut, [(True, operand(), operand()) for _ in range(200)])


@cocotb.test()
async def with_pauses(dut):
    await add(
        dut, [(True, 1, 2), *((random.random() < 0.5, operand(), operand()) for _ in range(300))]
    )


@cocotb.test()
async def the_carry_runs_through(dut):
    full = (1 << 64) - 1
    await add(dut, [(True, full ^ (1 << bit) - 1, 1 << bit) for bit in range(64)])
    await add(dut, [(True, 1 << bit, full) for bit in range(64)])


@cocotb.test()
async def reset_empties_the_pipeline(dut):
    """With the first sums on their way, and with all stages full."""
    await start(dut, dut.clk, dut.rst_n, IDLE)
    for cycles in (3, LONGEST):
        dut.i_en.value = 1
        for _ in range(cycles):
            await FallingEdge(dut.clk)
        dut.i_en.value, dut.rst_n.value = 0, 0
        for _ in range(20):
            await FallingEdge(dut.clk)
            assert dut.o_en.value == 0, f"o_en: expected 0 after a reset, got {dut.o_en.value}"
            dut.rst_n.value = 1
