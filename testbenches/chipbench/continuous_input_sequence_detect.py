"""continuous_input_sequence_detect: 01110001 among the last eight bits.

`match` may follow the shift register at once or be registered, one cycle later: the specification
leaves that open. A design may choose, once. The zeros of a reset count as bits.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

WORD = "01110001"


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


async def check(dut, bits):
    """Send bits after a reset and compare with both readings."""
    bits += "00"
    seen = await observe(dut, bits)
    ends = [("0" * 8 + bits)[at + 1 : at + 9] == WORD for at in range(len(bits))]
    expected = "".join(str(int(end)) for end in ends)
    assert seen == expected or seen == "0" + expected[:-1], (
        f"match: expected {expected}, at once or a cycle later, for {bits}; got {seen}"
    )


@cocotb.test()
async def the_word(dut):
    await start(dut)
    await check(dut, f"111{WORD}000{WORD}{WORD}1")


@cocotb.test()
async def one_bit_wrong(dut):
    """Each bit of the word, between words that are right."""
    await start(dut)
    texts = []
    for at in range(8):
        wrong = WORD[:at] + str(1 - int(WORD[at])) + WORD[at + 1 :]
        texts += [f"{before}{wrong}{after}{WORD}" for before in "01" for after in "01"]
    await check(dut, "".join(texts))


@cocotb.test()
async def every_byte(dut):
    await start(dut)
    values = list(range(256))
    random.shuffle(values)
    await check(dut, "".join(f"{value:08b}" for value in values))


@cocotb.test()
async def the_zeros_of_a_reset(dut):
    await start(dut)
    await check(dut, WORD[1:])
    await reset(dut)
    await check(dut, "0110001" + WORD)


@cocotb.test()
async def random_bits(dut):
    await start(dut)
    parts = (WORD, WORD, "0111", "0001", "0", "1", "011")
    await check(dut, "".join(random.choice(parts) for _ in range(120)))


@cocotb.test()
async def a_reset_drops_what_was_seen(dut):
    """A stale register may hold its bits in the reset or take more of them."""
    await start(dut)
    for length in range(2, 9):
        for taken in (0, 2):
            await reset(dut)
            await observe(dut, "11111111" + WORD[:length])
            dut.a.value = 0
            await reset(dut)
            rest = WORD[length + taken :] + "1111"
            seen = await observe(dut, rest)
            assert "1" not in seen, f"match: 1 although a reset came after {length} of eight bits"
