"""Start a design from zero, as an FPGA or a two-state simulator does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cocotb.handle import (
    ArrayObject,
    HierarchyArrayObject,
    HierarchyObject,
    Immediate,
    LogicArrayObject,
    LogicObject,
    PackedObject,
)

_MOST = 20_000
"""How many variables are set at most; a design with more keeps the rest unknown."""


def zero_unknown(designs: Iterable[Any]) -> None:
    """Set every variable that has an unknown bit to zero, once; its driver may change it."""
    for _, handle in zip(range(_MOST), _variables(designs), strict=False):
        value = str(handle.value).lower()
        if "x" in value:
            handle.set(Immediate(0))


def _variables(handles: Iterable[Any]) -> Iterator[Any]:
    for handle in handles:
        if isinstance(handle, LogicObject | LogicArrayObject | PackedObject):
            if not handle.is_const:
                yield handle
        elif isinstance(handle, HierarchyObject | HierarchyArrayObject | ArrayObject):
            yield from _variables(handle)


__all__ = ["zero_unknown"]
