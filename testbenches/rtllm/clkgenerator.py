"""clkgenerator: a clock that begins at 0 and toggles every PERIOD / 2 time units.

The time unit is the design's: any power of ten will do. PERIOD is 10, or 14 where it is set.
"""

from itertools import pairwise

import cocotb
from cocotb.triggers import Edge
from cocotb.utils import get_sim_time


@cocotb.test()
async def regular(dut):
    period = int(dut.PERIOD.value)
    assert period in (10, 14), f"PERIOD: expected 10, got {period}"
    half = period // 2
    levels, times = [], []
    while len(times) < 41:
        await Edge(dut.clk)
        if dut.clk.value == 0 and not levels:
            continue  # it takes its first level at time 0
        levels.append(str(dut.clk.value))
        times.append(get_sim_time("step"))
    assert "".join(levels) == ("10" * 21)[:41], f"clk: expected 1010..., got {''.join(levels)}"
    gaps = {two - one for one, two in pairwise(times)}
    assert len(gaps) == 1, f"clk: intervals of {sorted(gaps)} steps"
    (gap,) = gaps
    assert times[0] == gap, f"clk: first rises after {times[0]} steps, then every {gap}"
    while gap % 10 == 0 and gap > half:
        gap //= 10
    assert gap == half, f"clk: expected an interval of {half} units, got {gap}"
