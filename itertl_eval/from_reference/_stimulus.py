"""Items and blocks of stimulus, and what values the inputs take in them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from itertl_eval.from_reference.circuit import Circuit, Constant, Reset

Kind = Literal["cycle", "hold", "late", "run"]

LATE_EVERY = 5
"""In every so many cycles the inputs change after the clock returned to idle."""


@dataclass(frozen=True)
class Item:
    """One line of stimulus: all inputs but the clock, and what the clock does."""

    inputs: dict[str, int]
    kind: Kind = "cycle"
    cycles: int = 1


@dataclass
class Block:
    """Stimulus that can be played by itself: with a reset it begins with one."""

    name: str
    items: list[Item] = field(default_factory=list)

    @property
    def steps(self) -> int:
        return sum(1 if item.kind in ("hold", "run") else 3 for item in self.items)


class Player:
    """Puts together the items of a block, input by input."""

    def __init__(self, circuit: Circuit, rng: random.Random, one_hot: frozenset[str]) -> None:
        self.circuit = circuit
        self.rng = rng
        self.one_hot = one_hot
        self.narrow: frozenset[str] = frozenset()
        self.bits = [name for name, width in circuit.data.items() if width == 1]
        """The inputs of one bit that are neither clocks nor resets."""
        self._near: dict[int, list[int]] = {}
        self.values = dict.fromkeys(circuit.inputs, 0)
        self.items: list[Item] = []
        self.clocks = tuple(circuit.clocks)
        self.clock = self.clocks[0] if len(self.clocks) == 1 else None
        self._levels = {c: int(e == "falling") for c, e in circuit.clocks.items()}
        self._pending: dict[str, int] = {}

    def block(self, name: str) -> Block:
        return Block(name, self.items)

    # -- items --------------------------------------------------------------------------------

    def set(self, /, **values: int) -> None:
        self.values.update(values)

    def draw_all(self) -> None:
        for name in self.circuit.data:
            self.values[name] = self.value(name)

    def _inputs(self) -> dict[str, int]:
        return {n: v for n, v in self.values.items() if n != self.clock}

    def hold(self) -> None:
        """The inputs change alone."""
        self.items.append(Item(self._inputs() | self._clock_levels(), "hold"))

    def _clock_levels(self) -> dict[str, int]:
        return dict(self._levels) if self.clock is None else {}

    def cycle(self) -> None:
        """A cycle of the clock; with several clocks one edge of some of them."""
        if not self.clocks:
            self.hold()
        elif self.clock is not None:
            late = len(self.items) % LATE_EVERY == LATE_EVERY - 1
            late &= self.circuit.clocks[self.clock] != "both"
            self.items.append(Item(self._inputs(), "late" if late else "cycle"))
        else:
            self.hold()
            ticking = [c for c in self.clocks if self.rng.random() < 0.6] or self.clocks[:1]
            # A synchronous reset needs an edge of each, both edges of a clock inputs that stay.
            resetting = any(self.values[r.name] == r.active for r in self.circuit.resets)
            for name in self.clocks if resetting else ticking:
                whole = resetting or self.circuit.clocks[name] == "both"
                for _ in range(2 if whole or self.rng.random() < 0.6 else 1):
                    self._levels[name] ^= 1
                    self.hold()

    def run(self, cycles: int) -> None:
        """Many cycles with the same inputs."""
        if self.clock is not None and self.circuit.clocks[self.clock] != "both" and cycles > 2:
            self.items.append(Item(self._inputs(), "run", cycles))
        else:
            for _ in range(min(cycles, 64)):
                self.cycle()

    def reset(self, cycles: int = 2) -> None:
        """Cycles in reset with random data, then the reset is released."""
        resets = self.circuit.resets
        for last in [r for r in resets if r.name in self.circuit.rivals] or resets[-1:]:
            for _ in range(cycles):
                self.draw_all()
                for reset in [*resets, last]:
                    self.begin(reset)
                self.cycle()
        self.release()

    def begin(self, reset: Reset) -> None:
        """Make a reset active, and its rivals inactive."""
        if reset.name in self.circuit.rivals:
            for other in self.circuit.resets:
                if other.name in self.circuit.rivals:
                    self.values[other.name] = 1 - other.active
        self.values[reset.name] = reset.active

    def release(self) -> None:
        for reset in self.circuit.resets:
            self.values[reset.name] = 1 - reset.active

    # -- values -------------------------------------------------------------------------------

    def value(self, name: str) -> int:
        """A value for an input: uniform, a corner, or a number that the design compares with.

        Of `narrow` inputs, one of a few.
        """
        rng, width = self.rng, self.circuit.inputs[name]
        if name in self.one_hot:
            return 1 << rng.randrange(width)
        if name in self.narrow:
            return self._nearby(width)
        base = rng.getrandbits(width)
        if width == 1:
            return base
        full = (1 << width) - 1
        constants = self.circuit.constants.get(name, [])
        chance = rng.uniform(0 if constants else 0.4, 1)
        if chance < 0.55:
            for constant in rng.sample(constants, min(len(constants), rng.choice((1, 1, 2, 3)))):
                base = placed(base, constant, rng)
            return base & full
        if chance < 0.65:
            literals = self.circuit.literals.get(width, [base]) if width > 2 else [base]
            return (rng.choice(literals) + rng.choice((0, 0, 0, 1, -1))) & full
        if chance < 0.75:
            return rng.choice(
                (0, full, 1 << rng.randrange(width), full ^ 1 << rng.randrange(width))
            )
        if chance < 0.82:
            return rng.randrange(min(full + 1, 8))
        if chance < 0.9:
            same = rng.choice(
                [v for n, v in self.values.items() if self.circuit.inputs[n] == width]
            )
            if rng.random() < 0.3:
                return same ^ 1 << rng.choice((0, width - 1, rng.randrange(width)))
            return (same + rng.choice((0, 0, 1, -1))) & full
        return base

    def narrow_some(self) -> None:
        """Let some inputs take few values: addresses again, and equal operands."""
        for name, width in self.circuit.data.items():
            if width > 2 and name not in self.circuit.constants and self.rng.random() < 0.5:
                self.narrow |= {name}

    def _nearby(self, width: int) -> int:
        """One of four numbers a bit apart, the same for all inputs of a width."""
        if width not in self._near:
            number, bit = self.rng.getrandbits(width), self.rng.randrange(width)
            self._near[width] = [number ^ other for other in (0, 1, 1 << bit, 1 << width - 1)]
        return self.rng.choice(self._near[width])


def placed(base: int, constant: Constant, rng: random.Random) -> int:
    """`base` with a constant, or a number next to it, in the bits that are compared with it."""
    mask = (1 << constant.width) - 1
    number = (constant.value + rng.choice((0, 0, 0, 0, 1, -1))) & mask
    return base & ~(mask << constant.offset) | number << constant.offset


__all__ = ["Block", "Item", "Player"]
