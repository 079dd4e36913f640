"""axis_register_slice between cocotbext-axi's source and sink, both pausing at random."""

import itertools
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles
from cocotbext.axi import AxiStreamBus, AxiStreamSink, AxiStreamSource


@cocotb.test()
@cocotb.parametrize(pauses=[("source",), ("sink",), ("source", "sink"), ()])
async def frames(dut, pauses):
    Clock(dut.aclk, 10, "ns").start()
    ends = {
        "source": AxiStreamSource(
            AxiStreamBus.from_prefix(dut, "s_axis"), dut.aclk, dut.aresetn, False
        ),
        "sink": AxiStreamSink(
            AxiStreamBus.from_prefix(dut, "m_axis"), dut.aclk, dut.aresetn, False
        ),
    }
    dut.aresetn.value = 0
    await ClockCycles(dut.aclk, 3)
    dut.aresetn.value = 1
    for name in pauses:
        ends[name].set_pause_generator(itertools.cycle(random.choices((0, 1), k=11)))
    sent = [random.randbytes(length) for length in (1, 4, 5, 16, 30)]
    for frame in sent:
        await ends["source"].send(frame)
    for frame in sent:
        got = bytes((await ends["sink"].recv()).tdata)
        assert got == frame, f"m_axis_tdata: expected {frame.hex()}, got {got.hex()}"
