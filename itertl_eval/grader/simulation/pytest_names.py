"""Provide the few names of pytest that cocotb uses, without the rest of pytest.

cocotb imports pytest for two exceptions and two classes. All of pytest would be a third of a
worker's memory, whose pages every fork has to copy. The exceptions here are pytest's own, so a
testbench that imports the real pytest raises what cocotb expects.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

from _pytest import outcomes


class _Real(type):
    """A class that behaves as its namesake in the real pytest, if a testbench has imported it."""

    def __instancecheck__(cls, instance: object) -> bool:
        real = getattr(sys.modules.get("pytest"), cls.__name__, None)
        return real is not None and isinstance(instance, real)


@contextlib.contextmanager
def instead() -> Iterator[None]:
    """Make `import pytest` give these names inside this block."""
    names = ModuleType("pytest")
    vars(names).update(
        raises=SimpleNamespace(Exception=outcomes.fail.Exception),
        skip=outcomes.skip,
        xfail=outcomes.xfail,
        RaisesExc=_Real("RaisesExc", (), {}),
        RaisesGroup=_Real("RaisesGroup", (), {}),
    )
    before = sys.modules.get("pytest")
    sys.modules["pytest"] = names
    try:
        yield
    finally:
        del sys.modules["pytest"]
        if before is not None:
            sys.modules["pytest"] = before
