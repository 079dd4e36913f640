"""extraneous_items_sequence_detect: 011, three bits of any value, 110.

`match` may show the ninth bit after the clock edge that takes it, or one cycle later: the
specification leaves that open. A design may choose, once. Whether the zeros of a reset can be the
first bit of a pattern is left open too.
"""

import random
import re

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

PATTERN = re.compile("011[01]{3}110")


async def start(dut):
    dut.rst_n.value, dut.a.value = 0, 1
    Clock(dut.clk, 10, "ns").start()
    await reset(dut)


async def reset(dut):
    dut.rst_n.value = 0
    for _ in range(2):
        await FallingEdge(dut.clk)
    assert dut.match.value == 0, f"match: expected 0 in reset, got {dut.match.value}"
    dut.rst_n.value = 1


async def observe(dut, bits):
    """Send bits and return `match` after each rising edge and before the next one."""
    seen = ""
    for bit in bits:
        dut.a.value = int(bit)
        await RisingEdge(dut.clk)
        await Timer(1, "ns")
        after = str(dut.match.value)
        dut.a.value = 1 - int(bit)  # nothing but the rising edge may look at it
        await FallingEdge(dut.clk)
        await Timer(1, "ns")
        late = str(dut.match.value)
        assert after == late, f"match: {after}, then {late} in one cycle"
        seen += after
    return seen


def compare(bits, seen):
    """Compare with both readings."""
    ends = [PATTERN.fullmatch(bits[max(0, at - 8) : at + 1]) for at in range(len(bits))]
    expected = "".join(str(int(bool(end))) for end in ends)
    assert seen == expected or seen[1:] == expected[:-1], (
        f"match: expected {expected}, at once or a cycle later, for {bits}; got {seen}"
    )


async def check(dut, bits):
    await start(dut)
    bits = f"111111111{bits}11"
    compare(bits, await observe(dut, bits))


@cocotb.test()
async def every_middle(dut):
    await check(dut, "".join(f"011{middle:03b}1101" for middle in range(8)))


@cocotb.test()
async def one_bit_wrong(dut):
    texts = []
    for at in (0, 1, 2, 6, 7, 8):
        for middle in ("000", "101"):
            text = f"011{middle}110"
            wrong = text[:at] + str(1 - int(text[at])) + text[at + 1 :]
            texts.append(f"{wrong}000000011{middle}1101111")
    await check(dut, "".join(texts))


@cocotb.test()
async def overlapping(dut):
    await check(dut, "011011110110110" + "0110111100111101100110")


@cocotb.test()
async def random_bits(dut):
    parts = ("011", "110", "0", "1", "011110110", "011000110")
    await check(dut, "".join(random.choice(parts) for _ in range(120)))


@cocotb.test()
async def a_reset_drops_what_was_seen(dut):
    """Whether a stale register holds its bits in the reset or takes two more."""
    await start(dut)
    for length in (3, 4, 5, 6, 7, 8):
        for taken in (0, 2):
            await observe(dut, "111111111" + "011010110"[:length])
            await reset(dut)
            seen = await observe(dut, "011010110"[length + taken :] + "1")
            assert "1" not in seen, f"match: 1 although a reset came after {length} of nine bits"
    await observe(dut, "111111111")
    bits = "111111111" + "0110101101111"
    compare(bits, await observe(dut, bits))
