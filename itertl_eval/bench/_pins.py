"""Pins: drive the design's own ports, where the design itself is the top level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cocotb.handle import Immediate
from cocotb.triggers import Timer

from itertl_eval.bench._interface import Interface
from itertl_eval.bench._schedule import STEP_NS, Skip, Step


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

    async def play(self, steps: Sequence[Step]) -> str:
        seen = []
        for step in steps:
            await self._drive(step[0])
            seen.append("".join(self._bits(*output) for output in self._outputs))
        return "".join(reversed(seen))

    @staticmethod
    def _bits(handle: Any, width: int) -> str:
        bits = str(handle.value)
        if len(bits) != width:
            raise AssertionError(
                f"{handle._name} has {len(bits)} bits; the testbench declares {width}"
            )
        return bits

    async def skip(self, skip: Skip) -> None:
        for _ in range(skip.cycles):
            await self._drive(skip.low)
            await self._drive(skip.high)

    async def _drive(self, vector: int) -> None:
        for handle, offset, width in self._inputs:
            handle.set(Immediate(vector >> offset & ((1 << width) - 1)))
        await Timer(STEP_NS, "ns")


__all__ = ["Pins"]
