"""synchronizer: data that is stable while its enable crosses to another clock."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, Timer


async def start(dut, a_ns, b_ns):
    dut.arstn.value, dut.brstn.value, dut.data_in.value, dut.data_en.value = 0, 0, 0, 0
    Clock(dut.clk_a, a_ns, "ns").start()
    await Timer(1, "ns")
    Clock(dut.clk_b, b_ns, "ns").start()
    for _ in range(3):
        await FallingEdge(dut.clk_a)
        await FallingEdge(dut.clk_b)
    hold(dut, 0, "in reset")
    dut.arstn.value, dut.brstn.value = 1, 1
    await FallingEdge(dut.clk_a)


def hold(dut, value, when):
    got = dut.dataout.value
    assert got == value, f"dataout: expected {value}, got {got} {when}"


async def idle(dut, cycles, value, when):
    """Other data without an enable changes nothing."""
    dut.data_en.value = 0
    for _ in range(cycles):
        dut.data_in.value = random.getrandbits(4)
        await FallingEdge(dut.clk_a)
        hold(dut, value, when)


async def transfer(dut, value, before):
    """Data with its enable: not before two edges of clk_b, and after at most four more of both."""
    dut.data_in.value, dut.data_en.value = value, 1
    edges = 0
    await FallingEdge(dut.clk_a)
    while edges < 8:
        await FallingEdge(dut.clk_b)
        edges += 1
        if edges <= 1:
            hold(dut, before, f"{edges} cycles of clk_b after the enable")
        elif edges >= 5:
            hold(dut, value, f"{edges} cycles of clk_b after the enable")
        else:
            got = dut.dataout.value
            assert got in (before, value), f"dataout: {got}, neither {before} nor {value}"
    dut.data_en.value = 0
    await FallingEdge(dut.clk_a)
    for _ in range(5):  # the enable leaves as slowly as it came
        await FallingEdge(dut.clk_b)
        hold(dut, value, "after the transfer")


async def transfers(dut, a_ns, b_ns):
    await start(dut, a_ns, b_ns)
    before = 0
    await idle(dut, 12, before, "before the first enable")
    for value in (
        15,
        0,
        *(1 << bit for bit in range(4)),
        *(random.getrandbits(4) for _ in range(12)),
    ):
        await FallingEdge(dut.clk_a)
        await transfer(dut, value, before)
        before = value
        await idle(dut, random.randrange(10, 16), before, "without an enable")


@cocotb.test()
async def same_frequency(dut):
    await transfers(dut, 10, 10)


@cocotb.test()
async def fast_sender(dut):
    await transfers(dut, 6, 20)


@cocotb.test()
async def fast_receiver(dut):
    await transfers(dut, 20, 8)


@cocotb.test()
async def a_reset_between_two_edges(dut):
    """The registers of clk_b fall at once, so the enable needs its two cycles again."""
    await start(dut, 10, 14)
    dut.data_in.value, dut.data_en.value = 9, 1
    for _ in range(6):
        await FallingEdge(dut.clk_b)
    hold(dut, 9, "six cycles after the enable")
    await Timer(1, "ns")
    dut.brstn.value = 0
    await Timer(1, "ns")
    hold(dut, 0, "in a reset between two edges of clk_b")
    dut.brstn.value = 1
    for cycles in (1, 2):
        await FallingEdge(dut.clk_b)
        hold(dut, 0, f"{cycles} cycles of clk_b after a reset")


@cocotb.test()
async def resets(dut):
    await start(dut, 10, 14)
    await transfer(dut, 9, 0)
    dut.arstn.value, dut.brstn.value = 0, 0
    await FallingEdge(dut.clk_b)
    await FallingEdge(dut.clk_b)
    hold(dut, 0, "in reset")
    dut.arstn.value, dut.brstn.value = 1, 1
    await idle(dut, 12, 0, "after the reset")
    await transfer(dut, 6, 0)
