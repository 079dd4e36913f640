"""What a reference model is made of, and the values that it exchanges with a bench."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple


class Care(NamedTuple):
    """An expected output of which only the bits set in `mask` are compared."""

    value: int
    mask: int


class Hold(dict[str, Any]):
    """Stimulus without a clock edge: the inputs change and the clock keeps its level."""


class Run(dict[str, Any]):
    """Stimulus for many clock cycles with unchanged inputs: `Run(1000, ena=1)`.

    Outputs are compared only after the last cycle, so a run is ten times faster than the same
    cycles one by one. Use it for counters that take long to reach a value.
    """

    def __init__(self, cycles: int, **inputs: int) -> None:
        super().__init__(inputs)
        self.cycles = cycles


class Inputs(SimpleNamespace):
    """The input ports by name: `i["in"]`, or `i.load` where the name is not a keyword."""

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: int) -> None:
        self.__dict__[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__


Expected = int | bool | Care | None
"""An expected output: a number (wrapped to the port's width), or None for "not compared"."""


class Model:
    """Reference model of a design with state. Subclass it and override what the design has.

    The bench makes one model per test case. With a reset port nothing is compared until the
    first reset. Without one, `__init__` sets the state at power-on; use None for whatever the
    specification leaves open.
    """

    power_on = False
    """True in the first test case of a simulation, False in later ones."""

    def reset(self) -> None:
        """Take the reset state. The bench calls this; the model never checks the reset."""

    def edge(self, i: Inputs) -> None:
        """Advance over one active clock edge with the reset inactive."""

    def settle(self, i: Inputs) -> None:
        """React to changed inputs without a clock edge: latches, unclocked state."""

    def outputs(self, i: Inputs) -> Mapping[str, Expected] | Expected:
        """Return the outputs for the present state and inputs; a bare value if there is one."""
        raise NotImplementedError
