"""What a specification leaves open, and what a testbench must therefore not look at."""

from __future__ import annotations

import re
from collections.abc import Sequence

from itertl_eval.from_reference._stimulus import Block, Item
from itertl_eval.from_reference._table import Captured, steps_of
from itertl_eval.from_reference.circuit import Circuit
from itertl_eval.problem import Problem

_STYLE = re.compile(r"synchronous|\ba?sync\b|\basynch?\b", re.IGNORECASE)
_ONE_HOT = re.compile(r"one[- ]?hot", re.IGNORECASE)
_STATE_NAME = re.compile(r"state|^y$|^s$|^cur", re.IGNORECASE)


def one_hot_inputs(problem: Problem) -> frozenset[str]:
    """The inputs that the description calls one-hot: they take no other values."""
    if not _ONE_HOT.search(problem.prompt.text):
        return frozenset()
    wide = [port.name for port in problem.inputs if port.width > 2]
    return frozenset(name for name in wide if _STATE_NAME.search(name))


def reset_style_is_open(problem: Problem, circuit: Circuit) -> bool:
    """True when the description does not say whether the reset waits for the clock."""
    return bool(circuit.clocks and circuit.resets) and not _STYLE.search(problem.prompt.text)


def outside_waiting(
    circuit: Circuit, blocks: Sequence[Block], seen: list[Captured]
) -> list[Captured]:
    """`seen` without what shows from the start of a reset to the next clock edge.

    After a reset that ends before a clock edge, nothing is compared until one that does not.
    """
    return [
        _without_waiting(circuit, block, captured)
        for block, captured in zip(blocks, seen, strict=True)
    ]


def _without_waiting(circuit: Circuit, block: Block, captured: Captured) -> Captured:
    kept: Captured = []
    waiting = missed = held = False
    previous = -1
    for (index, step), known in zip(steps_of(circuit, block.items), captured, strict=True):
        item = block.items[index]
        if index != previous:
            active = _in_reset(circuit, item)
            if active and not held:
                waiting = True
            elif waiting and not active:
                waiting, missed = False, True
            held, previous = active, index
        if step == "last" and item.kind != "hold" and held:
            waiting = missed = False
        kept.append((0, 0) if waiting or missed else known)
    return kept


def _in_reset(circuit: Circuit, item: Item) -> bool:
    return any(item.inputs[reset.name] == reset.active for reset in circuit.resets)


__all__ = ["one_hot_inputs", "outside_waiting", "reset_style_is_open"]
