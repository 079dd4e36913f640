"""freq_divbyodd: a clock divided by NUM_DIV, an odd number, high for half of the time."""

import cocotb
from divided import check, levels, reset, start


@cocotb.test()
async def steady(dut):
    await start(dut)
    number = int(dut.NUM_DIV.value)
    check(await levels(dut, 24 * number), 2 * number, number)


@cocotb.test()
async def after_resets_at_each_phase(dut):
    await start(dut)
    number = int(dut.NUM_DIV.value)
    for at in range(2 * number):
        await levels(dut, 4 * number + at)
        await reset(dut)
    check(await levels(dut, 14 * number), 2 * number, number)
