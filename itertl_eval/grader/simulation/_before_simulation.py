"""Let a testbench find cocotb as in a simulation before there is one."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cocotb
from cocotb import simulator

from itertl_eval.grader.simulation import published

_GIVEN: dict[str, Any] = {"SIM_NAME": "Icarus Verilog", "plusargs": {}, "is_simulation": True}
_UNKNOWN = {"top", "tops", "packages", "argv", "SIM_VERSION", "RANDOM_SEED"}
"""What cocotb knows only when the simulation starts."""
_HOOK = "__getattr__"


class NeedsSimulation(BaseException):
    """Raised at import for what only a simulation can answer; no `except Exception` stops it."""


@contextmanager
def as_in_simulation(simulating: bool, plusargs: Sequence[str] = ()) -> Iterator[None]:
    """Within this block cocotb looks as in a simulation.

    Args:
        simulating: There is one, so nothing has to be done.
        plusargs: Its arguments that begin with a plus.

    Raises:
        NeedsSimulation: The block asked for the top level, the seed or a random number.
    """
    if simulating:
        yield
        return
    running, chance = simulator.is_running, random.getstate()
    known = vars(cocotb)
    before = {name: known[name] for name in (*_GIVEN, *_UNKNOWN, _HOOK) if name in known}
    for name in _UNKNOWN:
        known.pop(name, None)
    known.update(_GIVEN | {_HOOK: _ask}, plusargs=published.as_mapping(plusargs))
    simulator.is_running = lambda: True
    try:
        yield
    finally:
        simulator.is_running = running
        for name in (*_GIVEN, _HOOK):
            known.pop(name, None)
        known.update(before)
    if random.getstate() != chance:
        random.setstate(chance)
        raise NeedsSimulation("it takes random numbers at import")


def _ask(name: str) -> Any:
    if name in _UNKNOWN:
        raise NeedsSimulation(f"it reads cocotb.{name} at import")
    raise AttributeError(f"module 'cocotb' has no attribute {name!r}")
