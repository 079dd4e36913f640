"""What a golden model is made of, and the values it exchanges with a bench."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import NamedTuple


class Care(NamedTuple):
    """An output of which only the bits set in `mask` are compared."""

    value: int
    mask: int


class Hold(dict):
    """Stimulus without a clock edge: the inputs change and the clock stays where it is."""


class Run(dict):
    """Stimulus for many clock cycles with unchanged inputs: `Run(1000, ena=1)`.

    Outputs are compared only after the last cycle, which makes it ten times faster than the
    same cycles one by one: for counters that take long to get anywhere.
    """

    def __init__(self, cycles: int, **inputs: int) -> None:
        super().__init__(inputs)
        self.cycles = cycles


class Inputs(SimpleNamespace):
    """The input ports by name: `i["in"]`, or `i.load` where the name is not a keyword."""

    def __getitem__(self, name: str) -> int:
        return self.__dict__[name]

    def __setitem__(self, name: str, value: int) -> None:
        self.__dict__[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__


Expected = int | bool | Care | None
"""An expected output: a number (wrapped to the port's width), or None for "not compared"."""


class Model:
    """Golden model of a design with state. Subclass it and fill in what the design has.

    The bench makes one model per test case. With a reset port nothing is compared until the
    first reset; without one, `__init__` is the state at power-on, with None for what the
    specification leaves open.
    """

    power_on = False
    """True from the very start of a simulation, False in later test cases of the same one."""

    def reset(self) -> None:
        """Take the state that the reset gives. Called by the bench, never by the model."""

    def edge(self, i: Inputs) -> None:
        """Advance over one active clock edge with reset inactive."""

    def settle(self, i: Inputs) -> None:
        """React to a change of the inputs without a clock edge: latches, unclocked state."""

    def outputs(self, i: Inputs) -> Mapping[str, Expected] | Expected:
        """The outputs for the present state and inputs; a bare value if there is only one."""
        raise NotImplementedError
