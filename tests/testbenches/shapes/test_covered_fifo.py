"""Functional coverage and a scoreboard that believes the flags: it never sees a stuck `empty`."""

import random
from collections import Counter, deque

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ReadOnly, RisingEdge, Timer

covered = Counter()


@cocotb.test
async def random_traffic(dut):
    cocotb.start_soon(Clock(dut.clk, period=100).start())
    dut.rst_n.value, dut.wr.value, dut.rd.value, dut.din.value = 1, 0, 0, 0
    await Timer(1000)
    dut.rst_n.value = 0
    await Timer(1000)
    dut.rst_n.value = 1
    model = deque()
    for _ in range(60):
        await ReadOnly()
        empty, full = dut.empty.value == 1, dut.full.value == 1
        read = random.choice([True, False])
        covered["read" if read else "write", empty, full] += 1
        await RisingEdge(dut.clk)
        if read:
            got = dut.dout.value
            dut.rd.value = 1
            await RisingEdge(dut.clk)
            dut.rd.value = 0
            if not empty:
                assert got == model.popleft()
        else:
            dut.din.value, dut.wr.value = (data := random.randrange(256)), 1
            await RisingEdge(dut.clk)
            dut.wr.value = 0
            if not full:
                model.append(data)
    with open("coverage.txt", "w") as report:
        print(covered, file=report)
