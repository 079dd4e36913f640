"""The module around a design under a plain cocotb testbench.

A testbench finds signals by name, and a design may have an inner signal with the name of a
port: `module m(.clk(x)); reg clk;`. So the root of the simulation is a module with the same
ports, connected to the design's by name. `dut.clk` is the net of that module, whatever the design
calls its own signals; every other name is looked up in the design itself.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import cocotb
from cocotb.handle import HierarchyObject

from itertl_eval.problem import Parameters, Port, literal


def wrapper_text(top: str, ports: Sequence[Port], parameters: Parameters, prefix: str) -> str:
    """Return the Verilog source of the module `{prefix}_top` around one instance of `top`.

    Args:
        top: The design's module.
        ports: Its ports, by name and width.
        parameters: Values for its parameters.
        prefix: Starts every new name; unknown to the design.
    """
    # Ports, not nets: the compiler takes a net that nothing drives for a constant.
    nets = ",\n  ".join(port.declaration("wire") for port in ports)
    settings = ", ".join(f".{name}({literal(value)})" for name, value in parameters.items())
    links = ", ".join(f".{port.name}({port.name})" for port in ports)
    instance = f"{top} {f'#({settings}) ' if settings else ''}{prefix}_dut({links})"
    return f"module {prefix}_top(\n  {nets}\n);\n  {instance};\nendmodule\n"


class _Design(HierarchyObject):
    """A design whose ports are the nets of the module around it."""

    def __init__(self, wrapper: HierarchyObject, prefix: str, top: str, ports: list[str]) -> None:
        super().__init__(wrapper[f"{prefix}_dut"]._handle, top)
        self._name = top
        self._nets = {name: wrapper[name] for name in ports}
        for name, net in self._nets.items():
            net._path = f"{top}.{name}"
        self._sub_handles.update(self._nets)

    def _discover_all(self) -> None:
        super()._discover_all()
        self._sub_handles.update(self._nets)


def use_wrapper(prefix: str, top: str, ports: list[str]) -> None:
    """Make the design, with the wrapper's nets as its ports, cocotb's top level."""
    root: Any = cocotb.top
    cocotb.top = _Design(root, prefix, top, ports)
    os.environ["COCOTB_TOPLEVEL"] = top
