"""Blocks of stimulus of many kinds, each of which can become a test case."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from itertl_eval.from_reference._long_blocks import interrupted, long_blocks, timed, wrapping
from itertl_eval.from_reference._stimulus import Block, Player
from itertl_eval.from_reference.circuit import Circuit

EXHAUSTIVE_BITS = 8
"""Up to so many input bits a combinational design sees every combination."""

Maker = Callable[[Circuit, random.Random, frozenset[str]], Block]


def first_blocks(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> list[Block]:
    """The blocks that every testbench begins with."""
    if not circuit.clocks:
        return [*_combinational(circuit, rng, one_hot)]
    makers: list[Maker] = [_random, _held, wrapping, *([interrupted] if circuit.resets else [])]
    makers += [_each_alone, _busy, timed, _random, _patterns, _held]
    return [make(circuit, rng, one_hot) for make in makers]


def more_blocks(
    circuit: Circuit, rng: random.Random, one_hot: frozenset[str], turn: int
) -> list[Block]:
    """More blocks of other kinds and lengths, for what the blocks of earlier turns missed."""
    if not circuit.inputs:
        return []
    if not circuit.clocks:
        return [make(circuit, rng, one_hot) for make in (_vectors, _vectors, _vectors, _walk)]
    makers: list[Maker] = [_held, _busy, timed, _patterns, _random, timed]
    blocks = [make(circuit, rng, one_hot) for make in makers]
    return blocks + (long_blocks(circuit, rng, one_hot) if turn % 2 else [])


# -- combinational designs --------------------------------------------------------------------


def _combinational(
    circuit: Circuit, rng: random.Random, one_hot: frozenset[str]
) -> Iterator[Block]:
    bits = sum(circuit.inputs.values())
    if bits <= EXHAUSTIVE_BITS and not one_hot:
        player = Player(circuit, rng, one_hot)
        for number in range(1 << bits):
            at = 0
            for name, width in circuit.inputs.items():
                player.values[name] = number >> at & ((1 << width) - 1)
                at += width
            player.hold()
        yield player.block("every_input")
    else:
        yield _corners(circuit, rng, one_hot)
        yield _vectors(circuit, rng, one_hot)
        yield _vectors(circuit, rng, one_hot, narrow=True)
    if circuit.inputs:
        yield _walk(circuit, rng, one_hot)


def _corners(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Each input's constants, zero, all ones and single bits, the others random."""
    player = Player(circuit, rng, one_hot)
    for name, width in circuit.inputs.items():
        full = (1 << width) - 1
        bits = range(width) if width <= 32 else rng.sample(range(width), 32)
        values = [0, full, *(1 << bit for bit in bits)]
        if name in one_hot:
            values = [1 << bit for bit in bits]
        values += [c.value << c.offset for c in circuit.constants.get(name, ())][:64]
        for value in values:
            player.draw_all()
            player.set(**{name: value})
            player.hold()
    return player.block("corners")


def _vectors(
    circuit: Circuit, rng: random.Random, one_hot: frozenset[str], narrow: bool = False
) -> Block:
    player = Player(circuit, rng, one_hot)
    if narrow:
        player.narrow_some()
    for _ in range(96):
        player.draw_all()
        player.hold()
    return player.block("random_inputs")


def _walk(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """One input changes at a time, which a forgotten one in a sensitivity list does not survive."""
    player = Player(circuit, rng, one_hot)
    player.draw_all()
    names = list(circuit.inputs)
    for turn in range(max(64, min(200, 4 * len(names)))):
        _change_one(
            player, names[turn % len(names)] if turn < 2 * len(names) else rng.choice(names)
        )
        player.hold()
    return player.block("one_at_a_time")


def _change_one(player: Player, name: str) -> None:
    """Give one input another value; of a wide one sometimes only one bit."""
    width, before = player.circuit.inputs[name], player.values[name]
    value = player.value(name)
    if name not in player.one_hot and (value == before or player.rng.random() < 0.4):
        value = before ^ 1 << player.rng.randrange(width)
    player.values[name] = value


# -- clocked designs --------------------------------------------------------------------------


def _random(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Everything random in each cycle, the reset seldom."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    for _ in range(40):
        player.draw_all()
        _sometimes_reset(player, 0.06)
        player.cycle()
    return player.block("random_inputs")


def _held(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Controls keep their value for a while, each for its own; some data take few values."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    data = circuit.data
    stay = {name: rng.choice((0.0, 0.5, 0.8, 0.9, 0.95)) for name in data}
    bias = {name: rng.choice((0.1, 0.5, 0.9)) for name in data}
    player.narrow_some()
    player.draw_all()
    for _ in range(48):
        for name, width in data.items():
            if rng.random() >= stay[name]:
                bit = int(rng.random() < bias[name])
                player.values[name] = bit if width == 1 else player.value(name)
        _sometimes_reset(player, 0.02)
        player.cycle()
    return player.block("held_inputs")


def _busy(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """One-bit inputs nearly always at one level, then at the other; no reset on the way."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    level = {name: rng.choice((0, 1)) for name in player.bits}
    for turn in range(64):
        player.draw_all()
        for name, bit in level.items():
            player.values[name] = bit ^ int(rng.random() < 0.1) ^ int(turn > 40)
        player.cycle()
    return player.block("long_levels")


def _each_alone(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Between the clock edges one input changes at a time, the resets too."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    data = list(circuit.data)
    for turn in range(24):
        if data:
            for name in rng.sample(data, min(2, len(data))):
                _change_one(player, name)
                player.hold()
        if circuit.resets and turn % 6 == 5:
            reset = rng.choice(circuit.resets)
            player.values[reset.name] = reset.active
            player.hold()
            if turn % 12 == 5:  # over before the next clock edge
                player.values[reset.name] = 1 - reset.active
                player.hold()
        player.cycle()
        player.release()
        player.draw_all()
        player.cycle()
    return player.block("one_at_a_time")


def _patterns(circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> Block:
    """Short words of each one-bit input again and again: sequences that a machine looks for."""
    player = Player(circuit, rng, one_hot)
    player.reset()
    words = {n: [rng.getrandbits(1) for _ in range(rng.randrange(2, 12))] for n in player.bits}
    for turn in range(96):
        player.draw_all()
        for name, word in words.items():
            player.values[name] = word[turn % len(word)] ^ int(rng.random() < 0.04)
        player.cycle()
    return player.block("patterns")


def _sometimes_reset(player: Player, chance: float) -> None:
    player.release()
    for reset in player.circuit.resets:
        if player.rng.random() < chance:
            player.begin(reset)


__all__ = ["first_blocks", "more_blocks"]
