"""continuous_input_sequence_detect2: 0110 among the valid bits.

Left open: whether two sequences may share a bit, whether `match` shows the last bit after the clock
edge that takes it or one cycle later, and whether it stays while no valid bit follows. Where the
readings differ nothing is compared; a design may choose the cycle, once.
"""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge, Timer

WORD = "0110"


async def start(dut):
    dut.rst_n.value, dut.data.value, dut.data_valid.value = 0, 0, 0
    Clock(dut.clk, 10, "ns").start()
    await reset(dut)


async def reset(dut):
    dut.rst_n.value = 0
    for _ in range(2):
        await FallingEdge(dut.clk)
    assert dut.match.value == 0, f"match: expected 0 in reset, got {dut.match.value}"
    dut.rst_n.value = 1


async def observe(dut, cycles):
    """Drive (bit, valid) cycle by cycle and return `match` after each rising edge."""
    seen = ""
    for bit, valid in cycles:
        dut.data.value, dut.data_valid.value = bit, valid
        await RisingEdge(dut.clk)
        await Timer(1, "ns")
        dut.data.value = 1 - bit  # nothing but the rising edge may look at it
        await Timer(1, "ns")
        seen += str(dut.match.value)
        await FallingEdge(dut.clk)
        await Timer(1, "ns")
    return seen


def expected(cycles):
    """0, 1, or ? where the readings differ, for each cycle."""
    shared = apart = found = ""
    for bit, valid in cycles:
        last = found[-1:]
        if not valid:
            found += "?" if last in ("1", "?") else "0"
            continue
        shared, apart = (shared + str(bit))[-4:], (apart + str(bit))[-4:]
        ends = shared == WORD, apart == WORD
        found += str(int(ends[0])) if ends[0] == ends[1] else "?"
        if ends[1]:
            apart = ""
    return found


def agrees(seen, wanted):
    return all(one == two or two == "?" for one, two in zip(seen, wanted, strict=True))


async def check(dut, cycles):
    seen, wanted = await observe(dut, cycles), expected(cycles)
    assert agrees(seen, wanted) or agrees(seen[1:], wanted[:-1]), (
        f"match: expected {wanted}, at once or a cycle later, for the bits "
        f"{''.join(str(bit) if valid else '-' for bit, valid in cycles)}; got {seen}"
    )


def valid(bits):
    return [(int(bit), 1) for bit in bits]


@cocotb.test()
async def without_a_pause(dut):
    await start(dut)
    strings = "".join(f"{value:06b}" for value in range(64))
    await check(dut, valid(f"111{strings}0110011010110011100110" + "111"))


@cocotb.test()
async def a_pause_at_each_place(dut):
    """Invalid bits of both values count for nothing, and drop nothing."""
    await start(dut)
    cycles = []
    for at in range(5):
        for value in (0, 1):
            pause = [(value, 0)] * (1 + at % 3)
            cycles += valid("111" + WORD[:at]) + pause + valid(WORD[at:] + "0110")
    await check(dut, cycles + valid("111"))


@cocotb.test()
async def an_invalid_bit_is_no_part_of_the_word(dut):
    await start(dut)
    cycles = []
    for at in range(4):
        word = [(int(bit), int(place != at)) for place, bit in enumerate(WORD)]
        cycles += valid("111") + word + valid("111")
    await check(dut, cycles)


@cocotb.test()
async def random_bits(dut):
    await start(dut)
    parts = (WORD, WORD, "0", "1", "01", "011", "10")
    cycles = []
    for _ in range(100):
        for bit, _ in valid(random.choice(parts)):
            cycles.append((bit, 1))
            if random.random() < 0.2:
                cycles.append((random.getrandbits(1), 0))
    await check(dut, cycles + valid("111"))


@cocotb.test()
async def a_reset_drops_what_was_seen(dut):
    await start(dut)
    for length in (1, 2, 3):
        await observe(dut, valid("111" + WORD[:length]))
        await reset(dut)
        seen = await observe(dut, valid(WORD[length:] + "11"))
        assert "1" not in seen, f"match: 1 although a reset came after {length} of four bits"
    await observe(dut, valid("111"))
    await check(dut, valid("110110111"))
