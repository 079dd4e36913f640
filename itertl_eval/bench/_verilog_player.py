"""The Verilog player, the top level that a bench is simulated under, and its driver.

Every name in the player begins with a prefix that is new for each sample, so that a design can't
refer to it, redefine it, force it or read from it. It holds no expected value: Python compares.
"""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Sequence
from typing import Any

from cocotb import simulator
from cocotb.triggers import Timer

from itertl_eval.bench._bits import Bits
from itertl_eval.bench._interface import Interface
from itertl_eval.bench._schedule import LOOKS_NS, STEP_NS, Skip, Step
from itertl_eval.problem import Parameters, literal

TIMESCALE = "`timescale 1ns/1ps"
"""For every design that does not set its own; cocotb's clocks need it."""

# Part selects copy the whole vector in vvp, so a chunk is kept to a few thousand bits.
_CHUNK_BITS = 8192
_IMMEDIATE = 3  # GPI's "no delay" action: the write is visible at once


def chunk_steps(interface: Interface) -> int:
    """Return how many steps are exchanged with the simulator at once."""
    widest = max(interface.input_layout.width + 1, interface.output_layout.width)
    return max(16, min(256, _CHUNK_BITS // widest))


def harness_text(
    interface: Interface,
    top: str,
    parameters: Parameters,
    prefix: str,
    *,
    second_look: bool = True,
) -> str:
    """Return the Verilog source of a player around one instance of a design.

    Args:
        interface: The ports of the design.
        top: The name of the design's module.
        parameters: The parameter values of the instance.
        prefix: What every name in the player begins with.
        second_look: Look at the outputs before the end of each step too. A design in which
            nothing takes time does not need it.
    """
    n, chunk = prefix, chunk_steps(interface)
    driven = interface.driven
    width_in = max(sum(driven.values()), 1)
    width_out = interface.output_layout.width
    # Data starts unknown, so that the first vector is a change whatever it is and wakes every
    # `always @*`. The clock starts idle: coming from X it would make an edge.
    idle = f"{width_in}'bx"
    if interface.clock:
        level = int(interface.edge == "falling")
        idle = f"{{1'b{level}, {width_in - 1}'bx}}" if width_in > 1 else f"1'b{level}"
    ports, offset = [], 0
    for name, width in driven.items():
        ports.append(f".{name}({n}_in[{offset} +: {width}])")
        offset += width
    for name, (lowest, width) in interface.output_layout.fields.items():
        ports.append(f".{name}({n}_out[{lowest} +: {width}])")
    settings = ", ".join(f".{name}({literal(value)})" for name, value in parameters.items())
    declared, start, step = "", "", f"#{STEP_NS};"
    if second_look:
        declared = f"""\
  reg  [{width_out - 1}:0] {n}_early;
  reg  [{width_out * chunk - 1}:0] {n}_before;
  reg  [{chunk - 1}:0] {n}_moved;
  integer {n}_look, {n}_k;
"""
        start = f"{n}_k = 0; {n}_moved = 0;"
        step = f"""\
#{n}_look {n}_early = {n}_out;
      #({STEP_NS} - {n}_look);
      {n}_look = {n}_look == {LOOKS_NS[-1]} ? {LOOKS_NS[0]} : {n}_look + 1;
      if ({n}_early !== {n}_out) begin
        {n}_before[{n}_to +: {width_out}] = {n}_early;
        {n}_moved[{n}_k] = 1;
      end
      {n}_k = {n}_k + 1;"""
    return f"""\
{TIMESCALE}
module {n}_top;
  reg  [{width_in - 1}:0] {n}_in = {idle};
  wire [{width_out - 1}:0] {n}_out;
  reg  [{width_in * chunk - 1}:0] {n}_stim;
  reg  [{width_out * chunk - 1}:0] {n}_seen;
{declared}\
  integer {n}_length, {n}_cycles, {n}_from, {n}_to;
  reg {n}_go = 0;
  {top} {f"#({settings}) " if settings else ""}{n}_dut({", ".join(ports)});
  always @({n}_go) begin
    repeat ({n}_cycles) begin
      {n}_in = {n}_stim[0 +: {width_in}];
      #{STEP_NS} {n}_in = {n}_stim[{width_in} +: {width_in}];
      #{STEP_NS};
    end
    {n}_from = 0; {n}_to = 0; {start}
    repeat ({n}_length) begin
      {n}_in = {n}_stim[{n}_from +: {width_in}];
      {step}
      {n}_seen[{n}_to +: {width_out}] = {n}_out;
      {n}_from = {n}_from + {width_in}; {n}_to = {n}_to + {width_out};
    end
  end
endmodule
"""


class Delay:
    """Nanoseconds to wait, for the grader's own loop (grader/simulation/_lean_run.py)."""

    def __init__(self, ns: int) -> None:
        self.ns = ns

    def __await__(self) -> Generator[Delay, None, None]:
        yield self


class PackedPlayer:
    """A `Driver` for the Verilog player, through its registers."""

    lag = 1

    def __init__(self, prefix: str, interface: Interface, *, second_look: bool, lean: bool) -> None:
        self.chunk = chunk_steps(interface)
        self.started = False
        self._lean = lean
        top: Any = simulator.get_root_handle(f"{prefix}_top")
        find = top.get_handle_by_name  # cocotb's own objects cost more than they give here
        self._stim, self._seen = find(f"{prefix}_stim"), find(f"{prefix}_seen")
        self._length, self._cycles = find(f"{prefix}_length"), find(f"{prefix}_cycles")
        self._go = find(f"{prefix}_go")
        self._second_look = second_look
        if second_look:
            self._before, self._moved = find(f"{prefix}_before"), find(f"{prefix}_moved")
            self._look = find(f"{prefix}_look")
        in_width = max(sum(interface.driven.values()), 1)
        self._out_width = interface.output_layout.width
        self._bits = Bits(in_width)
        self._size = in_width * self.chunk
        self._level = 0

    def wait(self, ns: int) -> Awaitable[object]:
        return Delay(ns) if self._lean else Timer(ns, "ns")

    async def play(self, steps: Sequence[Step], look: int) -> tuple[str, str]:
        if self._second_look:
            self._look.set_signal_val_int(_IMMEDIATE, look)
        await self._start([step[0] for step in steps], length=len(steps), cycles=0)
        width, count = self._out_width, len(steps)
        seen: str = self._seen.get_signal_val_binstr()[-count * width :]
        if not self._second_look:
            return seen, seen
        moved: str = self._moved.get_signal_val_binstr()[-count:]
        if "1" not in moved:
            return seen, seen
        before: str = self._before.get_signal_val_binstr()[-count * width :]
        starts = range(0, count * width, width)
        pieces = (
            (before if flag == "1" else seen)[k : k + width]
            for k, flag in zip(starts, moved, strict=True)
        )
        return "".join(pieces), seen

    async def skip(self, skip: Skip) -> None:
        await self._start([skip.low, skip.high], length=0, cycles=skip.cycles)

    async def _start(self, vectors: list[int], length: int, cycles: int) -> None:
        """Hand over the vectors, start the player and wait until it has finished."""
        driven = self._bits.packed(vectors).rjust(self._size, "0")
        self._stim.set_signal_val_binstr(_IMMEDIATE, driven)
        self._length.set_signal_val_int(_IMMEDIATE, length)
        self._cycles.set_signal_val_int(_IMMEDIATE, cycles)
        self._level ^= 1
        self._go.set_signal_val_int(_IMMEDIATE, self._level)
        await self.wait((length + 2 * cycles) * STEP_NS + self.lag)


__all__ = ["TIMESCALE", "PackedPlayer", "chunk_steps", "harness_text"]
