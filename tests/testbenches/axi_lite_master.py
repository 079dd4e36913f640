"""axi_lite_registers with cocotbext-axi's master: strobes, all registers, errors, pauses."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp


async def start(dut):
    Clock(dut.aclk, 10, "ns").start()
    dut.events.value = 0
    dut.aresetn.value = 0
    bus = AxiLiteBus.from_prefix(dut, "s_axi")
    master = AxiLiteMaster(bus, dut.aclk, dut.aresetn, reset_active_level=False)
    await ClockCycles(dut.aclk, 3)
    dut.aresetn.value = 1
    await ClockCycles(dut.aclk, 2)
    return master


async def write(master, address, data):
    return (await master.write(address, data)).resp


@cocotb.test()
@cocotb.parametrize(paused=[False, True])
async def bytes_of_scratch(dut, paused):
    master = await start(dut)
    if paused:
        write_if, read_if = master.write_if, master.read_if
        for channel in (write_if.aw_channel, write_if.w_channel, write_if.b_channel):
            channel.set_pause_generator(itertools.cycle(random.choices((0, 1), k=7)))
        for channel in (read_if.ar_channel, read_if.r_channel):
            channel.set_pause_generator(itertools.cycle(random.choices((0, 1), k=5)))
    kept = bytearray(b"\x00\x00\xfe\xca")
    for first, length in ((0, 4), (1, 2), (3, 1), (0, 1), (2, 2)):
        data = random.randbytes(length)
        kept[first : first + length] = data
        assert await write(master, 8 + first, data) == AxiResp.OKAY
        got = (await master.read(8, 4)).data
        assert got == kept, f"SCRATCH: expected {kept.hex()}, got {got.hex()}"


@cocotb.test()
async def identity_and_errors(dut):
    master = await start(dut)
    got = (await master.read(12, 4)).data
    assert got == b"\x01LTR", f"IDENT: expected 014c5452, got {got.hex()}"
    for address in (12, 16, 60):
        resp = await write(master, address, b"\xff" * 4)
        assert resp == AxiResp.SLVERR, f"bresp at {address}: expected SLVERR, got {resp}"
    resp = (await master.read(16, 4)).resp
    assert resp == AxiResp.SLVERR, f"rresp: expected SLVERR, got {resp}"
