"""Pins: drive the design's own ports, where the design itself is the top level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cocotb.handle import Immediate
from cocotb.triggers import Timer

from itertl_eval._util.printable import counted
from itertl_eval.bench._interface import Interface
from itertl_eval.bench._schedule import LOOKS_NS, STEP_NS, Skip, Step


class Pins:
    """A `Driver` over the design's ports, through cocotb's public handles."""

    chunk = 64
    lag = 0

    def __init__(self, dut: Any, interface: Interface) -> None:
        self.started = False
        layout = interface.input_layout
        self._inputs = [(dut[name], *layout.fields[name]) for name in interface.inputs]
        if interface.clock:
            self._inputs.append((dut[interface.clock], layout.width, 1))
        self._outputs = [
            (dut[name], width) for name, width in list(interface.outputs.items())[::-1]
        ]

    def wait(self, ns: int) -> Timer:
        return Timer(ns, "ns")

    async def play(self, steps: Sequence[Step], look: int) -> tuple[str, str]:
        early, seen = [], []
        for number, step in enumerate(steps, LOOKS_NS.index(look)):
            ns = LOOKS_NS[number % len(LOOKS_NS)]
            await self._drive(step[0], ns)
            early.append(self._outputs_now())
            await self.wait(STEP_NS - ns)
            seen.append(self._outputs_now())
        return "".join(reversed(early)), "".join(reversed(seen))

    def _outputs_now(self) -> str:
        return "".join(self._bits(*output) for output in self._outputs)

    @staticmethod
    def _bits(handle: Any, width: int) -> str:
        bits = str(handle.value)
        if len(bits) != width:
            raise AssertionError(
                f"{handle._name} has {counted(len(bits), 'bit')}; the testbench declares {width}"
            )
        return bits

    async def skip(self, skip: Skip) -> None:
        for _ in range(skip.cycles):
            await self._drive(skip.low, STEP_NS)
            await self._drive(skip.high, STEP_NS)

    async def _drive(self, vector: int, ns: int) -> None:
        for handle, offset, width in self._inputs:
            handle.set(Immediate(vector >> offset & ((1 << width) - 1)))
        await self.wait(ns)


__all__ = ["Pins"]
