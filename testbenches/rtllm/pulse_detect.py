"""pulse_detect: 0, 1, 0 in three cycles.

The specification can be read with an output that reacts within the last cycle of the pulse, or
with a registered one that follows the clock edge which ends it. A design may choose, once.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer


async def send(dut, bits):
    """After a reset, drive the bits and compare the pulses by both readings."""
    dut.rst_n.value, dut.data_in.value = 0, 0
    Clock(dut.clk, 10, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk)
    assert dut.data_out.value == 0, f"data_out: expected 0 in reset, got {dut.data_out.value}"
    dut.rst_n.value = 1
    bits = "00" + bits
    within = registered = ""
    for bit in bits:
        dut.data_in.value = int(bit)
        await Timer(2, "ns")
        within += str(dut.data_out.value)
        await RisingEdge(dut.clk)
        await Timer(2, "ns")
        registered += str(dut.data_out.value)
        await FallingEdge(dut.clk)
    expected = "00" + "".join(
        str(int(bits[at - 2 : at + 1] == "010")) for at in range(2, len(bits))
    )
    assert expected in (within, registered), (
        f"data_out: expected {expected} for {bits}, got {within} before and {registered} after the "
        "clock edges"
    )


@cocotb.test()
async def the_example(dut):
    await send(dut, "01010")


@cocotb.test()
async def long_levels(dut):
    await send(dut, "0110001110100100011010")


@cocotb.test()
async def the_reset_does_not_wait_for_the_clock(dut):
    await send(dut, "0110")
    dut.data_in.value = 1
    await FallingEdge(dut.clk)
    dut.data_in.value = 0
    await Timer(2, "ns")
    if dut.data_out.value == 0:  # a registered output comes with the edge
        await RisingEdge(dut.clk)
        await Timer(2, "ns")
    assert dut.data_out.value == 1, f"data_out: expected 1 after 0, 1, 0, got {dut.data_out.value}"
    dut.rst_n.value = 0
    await Timer(1, "ns")
    assert dut.data_out.value == 0, f"data_out: expected 0 in reset, got {dut.data_out.value}"


@cocotb.test()
async def a_reset_between_two_edges_forgets_what_was(dut):
    await send(dut, "0110")
    dut.data_in.value = 1
    await FallingEdge(dut.clk)
    await Timer(1, "ns")
    dut.rst_n.value = 0
    await Timer(1, "ns")
    dut.rst_n.value, dut.data_in.value = 1, 0
    for _ in range(2):
        await Timer(1, "ns")
        assert dut.data_out.value == 0, "data_out: 1 for 0, 1, a reset, 0"
        await RisingEdge(dut.clk)


@cocotb.test()
async def random_bits(dut):
    await send(dut, "".join(random.choice("01") for _ in range(300)))
