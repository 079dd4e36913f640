"""Watch a divided clock at each half cycle of the clock that it is made from."""

from itertools import pairwise

from cocotb.clock import Clock
from cocotb.triggers import Edge, Timer


async def levels(dut, count):
    """The level of `clk_div` in `count` half cycles, as a string. It changes only at edges."""
    found = ""
    for _ in range(count):
        await Edge(dut.clk)
        await Timer(1, "ns")
        now = str(dut.clk_div.value)
        await Timer(3, "ns")
        late = str(dut.clk_div.value)
        assert now in ("0", "1"), f"clk_div: {now}"
        assert now == late, f"clk_div: {now}, then {late} in one half cycle"
        found += now
    return found


async def start(dut):
    dut.rst_n.value = 0
    Clock(dut.clk, 10, "ns").start()
    for _ in range(5):
        await Edge(dut.clk)
    await reset(dut)


async def reset(dut):
    """Assert the reset for two cycles, in which the output must stand still."""
    dut.rst_n.value = 0
    await Edge(dut.clk)
    held = await levels(dut, 4)
    assert len(set(held)) == 1, f"clk_div: {held} in reset"
    await Timer(2, "ns")
    dut.rst_n.value = 1


def check(seen, period, high):
    """All rises `period` half cycles apart, and each high for `high` of them.

    The first period after a reset may be another one.
    """
    rises = [at for at in range(1, len(seen)) if seen[at - 1 : at + 1] == "01"]
    assert len(rises) >= 4, f"clk_div: {len(rises)} rising edges in {len(seen)} half cycles"
    for one, two in pairwise(rises[1:]):
        assert two - one == period, (
            f"clk_div: expected a period of {period / 2}, got {(two - one) / 2}"
        )
        length = seen.index("0", one) - one
        assert length == high, f"clk_div: expected {high / 2} cycles high, got {length / 2}"
