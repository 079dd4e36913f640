"""Splitter: let the inputs of a clocked design change one after the other, between clock edges."""

from __future__ import annotations

from collections.abc import Iterator

from itertl_eval.bench._interface import Interface

STEPS = 64
"""How many steps are added to a case at most."""
_NARROW = 4
"""Inputs up to this width may be controls, of which not every combination may be legal."""


class Splitter:
    """Splits a change of several inputs into steps in which each changes alone.

    What a case rules out is not driven: every combination of the narrow inputs must have occurred
    in the case itself. Their order is another one in every change.
    """

    def __init__(self, interface: Interface) -> None:
        fields = interface.input_layout.fields
        reset = interface.reset
        self._masks = [((1 << w) - 1) << at for name, (at, w) in fields.items() if name != reset]
        self._reset = sum(1 << at for name, (at, _) in fields.items() if name == reset)
        narrow = [((1 << w) - 1) << at for at, w in fields.values() if w <= _NARROW]
        self._narrow = sum(narrow)
        self._occurred: set[int] = set()
        self._left = STEPS
        self._turn = 0

    def note(self, driven: int) -> None:
        """Take note of inputs that the case has."""
        self._occurred.add(driven & self._narrow)

    def between(self, before: int, after: int) -> Iterator[int]:
        """Yield the inputs between two steps, packed, if more than one input changes."""
        changed = before ^ after
        masks = [mask for mask in self._masks if changed & mask]
        if len(masks) < 2 or changed & self._reset or self._left < len(masks):
            return
        first = self._turn = (self._turn + 1) % len(masks)
        for mask in [*masks[first:], *masks[:first]][:-1]:
            before ^= changed & mask
            if before & self._narrow in self._occurred:
                self._left -= 1
                yield before


__all__ = ["Splitter"]
