"""Two files, one top: helper classes drive and monitor, options are combined by a factory."""

import itertools
import logging
import os

import cocotb
from cocotb.clock import Clock
from cocotb.queue import Queue
from cocotb.triggers import FallingEdge, RisingEdge


class Source:
    def __init__(self, dut, pause=None):
        self.dut, self.pause, self.queue = dut, pause, Queue()
        cocotb.start_soon(self._run())

    async def send(self, data):
        for byte in data:
            await self.queue.put(byte)

    async def _run(self):
        self.dut.valid.value = 0
        while True:
            byte = await self.queue.get()
            for _ in range(next(self.pause) if self.pause else 0):
                await FallingEdge(self.dut.clk)
            self.dut.data.value, self.dut.valid.value = byte, 1
            await RisingEdge(self.dut.clk)
            while self.dut.ready.value != 1:
                await RisingEdge(self.dut.clk)
            await FallingEdge(self.dut.clk)
            self.dut.valid.value = 0


class Sink:
    def __init__(self, dut):
        self.dut, self.queue = dut, Queue()
        cocotb.start_soon(self._run())

    async def _run(self):
        while True:
            await RisingEdge(self.dut.clk)
            if self.dut.strobe.value == 1:
                await self.queue.put(int(self.dut.received.value))


class Testbench:
    def __init__(self, dut, pause=None):
        self.dut = dut
        self.log = logging.getLogger("cocotb.tb")
        cocotb.start_soon(Clock(dut.clk, 8, unit="ns").start())
        self.source, self.sink = Source(dut, pause), Sink(dut)

    async def reset(self):
        self.dut.rst.value = 1
        for _ in range(3):
            await RisingEdge(self.dut.clk)
        self.dut.rst.value = 0


async def run_test(dut, payload=None, pause=None):
    tb = Testbench(dut, pause() if pause else None)
    await tb.reset()
    data = payload()
    await tb.source.send(data)
    got = bytes([await tb.sink.queue.get() for _ in data])
    tb.log.info("received %r", got)
    assert got == data, f"received: expected {data.hex()}, got {got.hex()}"
    assert int(os.environ["PARAM_CLOCKS"]) == dut.CLOCKS.value


def counting():
    return bytes(range(250, 256)) + bytes([0x55, 0xAA, 0])


def pauses():
    return itertools.cycle([0, 3, 41])


if cocotb.SIM_NAME:
    from cocotb.regression import TestFactory

    factory = TestFactory(run_test)
    factory.add_option("payload", [counting])
    factory.add_option("pause", [None, pauses])
    factory.generate_tests()
