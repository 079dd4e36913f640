"""serial2parallel: eight bits, most significant first.

Bytes are sent with a pause in between; the word may come up to three cycles after its last bit.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

LATE = 3


async def start(dut):
    dut.rst_n.value, dut.din_serial.value, dut.din_valid.value = 0, 0, 0
    Clock(dut.clk, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    assert dut.dout_valid.value == 0, "dout_valid: expected 0 in reset"
    dut.rst_n.value = 1


async def send(dut, word, pause):
    """Send a byte; its word must come once, and nothing else."""
    words = []
    for at in range(8 + LATE + pause):
        dut.din_valid.value = int(at < 8)
        dut.din_serial.value = word >> 7 - at & 1 if at < 8 else random.getrandbits(1)
        await FallingEdge(dut.clk)
        valid = dut.dout_valid.value
        assert valid in (0, 1), f"dout_valid: {valid}"
        if valid == 1:
            assert at >= 7, f"dout_valid: 1 after {at + 1} bits"
            words.append(dut.dout_parallel.value)
    assert len(words) == 1, f"dout_valid: expected 1 cycle for {word:#04x}, got {len(words)}"
    assert words[0] == word, f"dout_parallel: expected {word:#04x}, got {words[0]}"


@cocotb.test()
async def single_bits(dut):
    await start(dut)
    for bit in range(8):
        await send(dut, 1 << bit, 2)
        await send(dut, 255 ^ 1 << bit, 0)


@cocotb.test()
async def random_bytes(dut):
    await start(dut)
    for _ in range(60):
        await send(dut, random.getrandbits(8), random.randrange(5))


@cocotb.test()
async def nothing_without_valid(dut):
    await start(dut)
    for _ in range(30):
        dut.din_serial.value = random.getrandbits(1)
        await FallingEdge(dut.clk)
        assert dut.dout_valid.value == 0, "dout_valid: 1 without din_valid"
    await send(dut, 0xA5, 3)


@cocotb.test()
async def reset_drops_a_byte(dut):
    await start(dut)
    for length in range(1, 8):
        for _ in range(length):
            dut.din_valid.value, dut.din_serial.value = 1, 1
            await FallingEdge(dut.clk)
        dut.din_valid.value, dut.rst_n.value = 0, 0
        await FallingEdge(dut.clk)
        dut.rst_n.value = 1
        await send(dut, random.getrandbits(8), 1)


@cocotb.test()
async def reset_in_the_cycle_of_a_word(dut):
    await start(dut)
    for at in range(8 + LATE):
        dut.din_valid.value, dut.din_serial.value = int(at < 8), 1
        await FallingEdge(dut.clk)
        if dut.dout_valid.value == 1:
            break
    dut.din_valid.value, dut.rst_n.value = 0, 0
    await FallingEdge(dut.clk)
    assert dut.dout_valid.value == 0, f"dout_valid: expected 0 in reset, got {dut.dout_valid.value}"
    dut.rst_n.value = 1
    await send(dut, 0x96, 1)
