"""accumulator: a plain cocotb testbench; the design itself is the top level."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def begin(dut):
    dut.rst.value, dut.d.value = 1, 0
    Clock(dut.clk, 10, "ns").start()
    await FallingEdge(dut.clk)
    await FallingEdge(dut.clk)


async def cycle(dut, total, word, rst=0):
    dut.rst.value, dut.d.value = rst, word
    await FallingEdge(dut.clk)
    total = 0 if rst else (total + word) % 256
    assert dut.q.value == total, f"q: expected {total:#x}, got {dut.q.value}"
    return total


@cocotb.test()
async def adds_one(dut):
    await begin(dut)
    total = 0
    for _ in range(20):
        total = await cycle(dut, total, 1)


@cocotb.test()
async def random_words(dut):
    await begin(dut)
    total = 0
    for _ in range(150):
        total = await cycle(dut, total, random.getrandbits(8), int(random.random() < 0.05))
