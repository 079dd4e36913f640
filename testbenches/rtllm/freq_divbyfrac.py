"""freq_divbyfrac: a clock divided by 3.5, with a uniform period and a uniform duty cycle."""

import cocotb
from divided import check, levels, reset, start


def high_of(seen):
    """Half cycles that the second pulse is high; the specification leaves the number open."""
    first = seen.index("01") + 1
    second = seen.index("01", first) + 1
    return seen.index("0", second) - second


@cocotb.test()
async def steady(dut):
    await start(dut)
    seen = await levels(dut, 160)
    assert seen.count("01") > 3, f"clk_div: {seen.count('01')} rising edges in 160 half cycles"
    check(seen, 7, high_of(seen))


@cocotb.test()
async def after_resets_at_each_phase(dut):
    await start(dut)
    for at in range(14):
        await levels(dut, 28 + at)
        await reset(dut)
    seen = await levels(dut, 100)
    check(seen, 7, high_of(seen))
