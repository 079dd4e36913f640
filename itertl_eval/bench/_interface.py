"""Interface: what the schedule and the players need to know about a testbench."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from itertl_eval.bench._model import Model

Edge = Literal["rising", "falling", "both"]


class Layout:
    """Where each port lies in a packed vector; the first port takes the lowest bits."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self.fields: dict[str, tuple[int, int]] = {}
        """Port name -> (lowest bit, width)."""
        self.width = 0
        for name, width in widths.items():
            self.fields[name] = (self.width, width)
            self.width += width
        self.full = (1 << self.width) - 1

    def unpack(self, packed: int) -> dict[str, int]:
        """Return the value of each port in a packed vector."""
        return {
            name: packed >> offset & ((1 << width) - 1)
            for name, (offset, width) in self.fields.items()
        }

    def pack(self, values: Mapping[str, int]) -> int:
        """Return the values of all ports in one vector, each wrapped to its width."""
        return sum(
            (values[name] & ((1 << width) - 1)) << offset
            for name, (offset, width) in self.fields.items()
        )


@dataclass(frozen=True, eq=False)
class Interface:
    """The ports of a design, how it is clocked and reset, and its reference model.

    Raises:
        ValueError: The reset is not an input, or a clocked design has a model without state.
    """

    model: Callable[..., Any]
    """A function from `Inputs` to the outputs, or a subclass of `Model`."""
    inputs: Mapping[str, int]
    """Input name -> width in bits; without the clock."""
    outputs: Mapping[str, int]
    """Output name -> width in bits."""
    clock: str | None = None
    edge: Edge = "rising"
    reset: str | None = None
    """The name of the input that resets the design."""
    reset_active: int = 1
    """The level at which the reset is active."""
    asynchronous: bool = False
    """Whether the reset acts without a clock edge."""

    def __post_init__(self) -> None:
        if self.reset is not None and self.reset not in self.inputs:
            raise ValueError(f"reset={self.reset!r} must be one of the inputs {list(self.inputs)}")
        if self.clock is not None and not self.has_state:
            raise ValueError("a bench with a clock needs a reference model derived from Model")

    @cached_property
    def has_state(self) -> bool:
        return isinstance(self.model, type) and issubclass(self.model, Model)

    @cached_property
    def input_layout(self) -> Layout:
        return Layout(self.inputs)

    @cached_property
    def output_layout(self) -> Layout:
        return Layout(self.outputs)

    @cached_property
    def driven(self) -> dict[str, int]:
        """Every port that the testbench drives, in packing order; the clock is the highest bit."""
        return {**self.inputs, **({self.clock: 1} if self.clock else {})}


__all__ = ["Edge", "Interface", "Layout"]
