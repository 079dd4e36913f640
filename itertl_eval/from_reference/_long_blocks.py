"""Blocks of stimulus for clocked designs with long runs of cycles that are not looked at."""

from __future__ import annotations

import math
import random

from itertl_eval.from_reference._stimulus import Block, Player
from itertl_eval.from_reference.circuit import Circuit

MOST_TIMED = 300
"""The longest time, in cycles, for which one input keeps a level."""

MOST_CHAINED = 50_000
"""The longest way, in cycles, to the end of a chain of counters."""

MOST_CYCLES = 20_000
"""How many cycles the long runs of one block may have together."""

WRAPS = range(4, 10)
"""Widths of the counters, in bits, whose overflow is looked at in every design."""

ALWAYS = ("overflows", "interrupted_by_reset", "one_at_a_time")
"""Blocks that every testbench keeps: no mutant may need them, but designs of models do."""


def long_blocks(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> list[Block]:
    """Blocks with runs of thousands of cycles, for counters."""
    return [make(circuit, rng, one_hot) for make in (_far, _growing)]


def wrapping(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """A long run with a look wherever a counter of a usual width would begin anew."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    player.draw_all()
    for name in player.bits:
        player.values[name] = rng.choice((0, 1, 1))
    passed = 0
    for width in WRAPS:
        length = (1 << width) - 2 - passed
        player.run(length)
        for _ in range(4):
            player.cycle()
        passed += length + 4
    return player.block("overflows")


def interrupted(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """A reset in the middle of what takes many cycles, which then starts again."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    lengths = [n for n in circuit.lengths if n <= MOST_TIMED] or [8, 16, 32]
    for _ in range(6):
        player.draw_all()
        length = max(3, int(rng.choice(lengths) * rng.uniform(0.55, 1)))
        player.run(length)
        reset = rng.choice(circuit.resets)
        player.values[reset.name] = reset.active
        player.cycle()
        player.release()
        player.run(length)
        for name in player.bits:
            player.values[name] ^= int(rng.random() < 0.7)
        for _ in range(4):
            player.cycle()
    return player.block("interrupted_by_reset")


def timed(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """One input keeps a level for about as long as something in the design counts to."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    lengths = [n for n in circuit.lengths if n <= MOST_TIMED] or [8, 16, 32]
    for _ in range(8):
        player.draw_all()
        for name in player.bits:
            if rng.random() < 0.5:
                player.values[name] = 0
        length = max(1, rng.choice(lengths) + rng.choice((-2, -1, -1, 0, 0, 1, 1, 2)))
        if player.bits:
            held = rng.choice(player.bits)
            player.values[held] = level = rng.getrandbits(1)
            player.cycle()
            player.run(length)
            player.values[held] = 1 - level
        else:
            player.run(length)
        for _ in range(4):
            player.cycle()
    return player.block("timed_levels")


def _far(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Runs as long as the counters of the design, with a look around their ends."""
    player = Player(circuit, rng, one_hot)
    lengths = [n for n in circuit.lengths if n <= MOST_CYCLES] or [32]
    left = MOST_CYCLES
    for length in rng.sample(lengths, min(2, len(lengths))):
        level = {name: rng.getrandbits(1) for name in player.bits}
        for _ in range(2):
            player.reset()
            for _ in range(2):  # again from where a counter began anew
                player.draw_all()
                player.set(**level)
                if length <= left:
                    player.run(max(2, length - rng.choice((1, 2, 3, 4))))
                    left -= length
                for _ in range(6):
                    player.cycle()
            level = {name: 1 - bit for name, bit in level.items()}
            player.set(**level)
            player.cycle()
    return player.block("long_runs")


def _growing(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Longer and longer runs without a reset, all one-bit inputs at 1: chains of counters."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    player.draw_all()
    player.values.update(dict.fromkeys(player.bits, 1))
    left, length = min(MOST_CHAINED, 2 * math.prod(circuit.lengths or [32])), 8
    while left > 0:
        player.run(min(length, left))
        left -= length
        length = 3 * length // 2
        for _ in range(3):
            player.cycle()
    return player.block("growing_runs")


__all__ = ["ALWAYS", "interrupted", "long_blocks", "timed", "wrapping"]
