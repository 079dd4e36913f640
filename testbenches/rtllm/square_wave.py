"""square_wave: toggles every `freq` cycles.

Nothing resets the counter, so each frequency gets time to take effect, and then the distance of
the toggles is compared.
"""

import random
from itertools import pairwise

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge


async def measure(dut, freq, toggles):
    dut.freq.value = freq
    for _ in range(258 + freq):
        await FallingEdge(dut.clk)
    seen = []
    for _ in range((toggles + 2) * freq):
        await FallingEdge(dut.clk)
        level = dut.wave_out.value
        assert level in (0, 1), f"wave_out: {level}"
        seen.append(int(level))
    changes = [at for at in range(1, len(seen)) if seen[at] != seen[at - 1]]
    assert len(changes) >= toggles, (
        f"wave_out: expected a toggle every {freq} cycles, got {len(changes)} in {len(seen)} cycles"
    )
    for one, two in pairwise(changes):
        assert two - one == freq, (
            f"wave_out: expected a toggle after {freq} cycles, got {two - one}"
        )


async def start(dut):
    dut.freq.value = 4
    Clock(dut.clk, 10, "ns").start()
    await FallingEdge(dut.clk)


@cocotb.test()
async def small_frequencies(dut):
    await start(dut)
    for freq in range(1, 10):
        await measure(dut, freq, 8)


@cocotb.test()
async def large_frequencies(dut):
    await start(dut)
    for freq in (255, 128, 127, 129, 64):
        await measure(dut, freq, 3)


@cocotb.test()
async def random_frequencies(dut):
    await start(dut)
    for _ in range(8):
        await measure(dut, random.randrange(1, 100), 4)
