"""width_8to16: two bytes to one word, the first in the upper half.

Only the rising edge may look at the inputs, so they have other values around the falling one.
Whether the reset waits for the clock is left open.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


class Expected:
    """The word that the bytes so far make, in the cycle after its second byte."""

    def __init__(self):
        self.first = None

    def take(self, valid, byte):
        if not valid:
            return None
        if self.first is None:
            self.first = byte
            return None
        word, self.first = self.first << 8 | byte, None
        return word


async def start(dut):
    dut.rst_n.value, dut.valid_in.value, dut.data_in.value = 0, 0, 0
    Clock(dut.clk, 10, "ns").start()
    await reset(dut)


async def reset(dut):
    """Reset over two rising edges; valid inputs in it count for nothing."""
    dut.rst_n.value = 0
    for _ in range(2):
        await RisingEdge(dut.clk)
        await FallingEdge(dut.clk)
        await Timer(1, "ns")
        compare(dut, None, "in reset")
    dut.rst_n.value = 1


def compare(dut, word, when):
    wanted, valid = int(word is not None), dut.valid_out.value
    assert valid == wanted, f"valid_out: expected {wanted}, got {valid} {when}"
    if word is not None:
        got = dut.data_out.value
        assert got == word, f"data_out: expected {word:#06x}, got {got} {when}"


async def cycle(dut, expected, valid, byte):
    """Drive one cycle, which begins after a falling edge, and compare after both edges."""
    await Timer(1, "ns")
    dut.valid_in.value, dut.data_in.value = valid, byte
    await RisingEdge(dut.clk)
    await Timer(1, "ns")
    word = expected.take(valid, byte)
    what = f"valid_in={valid}, data_in={byte:#04x}"
    dut.valid_in.value, dut.data_in.value = 1 - valid, byte ^ 255
    await Timer(1, "ns")
    compare(dut, word, f"after the rising edge with {what}")
    await FallingEdge(dut.clk)
    await Timer(1, "ns")
    compare(dut, word, f"after the falling edge that follows {what}")


@cocotb.test()
async def without_a_pause(dut):
    await start(dut)
    expected = Expected()
    for byte in (0, 255, 1, 128, *(random.getrandbits(8) for _ in range(60))):
        await cycle(dut, expected, 1, byte)


@cocotb.test()
async def with_pauses(dut):
    await start(dut)
    expected = Expected()
    for _ in range(300):
        await cycle(dut, expected, int(random.random() < 0.4), random.getrandbits(8))


@cocotb.test()
async def resets(dut):
    await start(dut)
    for count in (1, 2, 3, 1, 5, 1, 4):
        expected = Expected()
        for _ in range(count):
            await cycle(dut, expected, 1, random.getrandbits(8))
        await reset(dut)
    expected = Expected()
    for _ in range(20):
        await cycle(dut, expected, int(random.random() < 0.7), random.getrandbits(8))
