"""Play a schedule against the design and compare what comes back.

Two ways with one meaning. Under the grader the top level is a small Verilog player: a chunk of
packed stimulus is written at once, the simulator plays it alone, and a chunk of captured
outputs is read at once. Under cocotb's own runner the top level is the design itself and every
step goes through its signal handles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cocotb.triggers import Timer
from cocotb.utils import get_sim_time

from itertl_eval.bench._schedule import STEP_NS, Skip, Step

if TYPE_CHECKING:
    from itertl_eval.bench._bench import Bench

_IMMEDIATE = 3  # GPI's "no delay" action: the write is visible at once


class Mismatch(AssertionError):
    """An output that differs; `ns` is when, in simulation time."""

    ns: float


class Bits(dict[int, str]):
    """Numbers as binary digits of one width, each written once: most come again and again."""

    def __init__(self, width: int) -> None:
        self._spec = f"0{width}b"

    def __missing__(self, number: int) -> str:
        self[number] = digits = format(number, self._spec)
        return digits

    def packed(self, numbers: Sequence[int]) -> str:
        """All of them, the first in the lowest bits."""
        return "".join([self[number] for number in reversed(numbers)])


class Driver(Protocol):
    """Where steps are played: the packed player or the design's own pins.

    `lag` is how many nanoseconds after its last step `play` returns.
    """

    chunk: int
    lag: int
    started: bool

    async def play(self, steps: Sequence[Step]) -> str:
        """Drive the steps; return the outputs at the end of each as 0, 1, X, Z, all packed
        together, those of the first step last."""
        ...

    async def skip(self, skip: Skip) -> None:
        """Drive clock cycles without looking at the outputs."""
        ...


class PackedPlayer:
    """The Verilog player that `harness_text` writes, driven through four of its registers."""

    lag = 1

    def __init__(self, top: Any, prefix: str, bench: Bench, chunk: int) -> None:
        self.chunk = chunk
        self.started = False
        names = ("stim", "seen", "length", "cycles", "go")
        handles = (top[f"{prefix}_{name}"]._handle for name in names)
        self._stim, self._seen, self._length, self._cycles, self._go = handles
        in_width = max(bench.input_layout.width + (bench.clock is not None), 1)
        self._out_width = bench.output_layout.width
        self._bits = Bits(in_width)
        self._size = in_width * chunk
        self._level = 0

    async def play(self, steps: Sequence[Step]) -> str:
        await self._start([step[0] for step in steps], length=len(steps), cycles=0)
        return self._seen.get_signal_val_binstr()[-len(steps) * self._out_width :]

    async def skip(self, skip: Skip) -> None:
        await self._start([skip.low, skip.high], length=0, cycles=skip.cycles)

    async def _start(self, vectors: list[int], length: int, cycles: int) -> None:
        """Hand the vectors over, start the player and wait until it is through."""
        driven = self._bits.packed(vectors).rjust(self._size, "0")
        self._stim.set_signal_val_binstr(_IMMEDIATE, driven)
        self._length.set_signal_val_int(_IMMEDIATE, length)
        self._cycles.set_signal_val_int(_IMMEDIATE, cycles)
        self._level ^= 1
        self._go.set_signal_val_int(_IMMEDIATE, self._level)
        await Timer((length + 2 * cycles) * STEP_NS + self.lag, "ns")


class Pins:
    """The design's own ports, through cocotb's public handles."""

    chunk = 64
    lag = 0

    def __init__(self, dut: Any, bench: Bench) -> None:
        from cocotb.handle import Immediate

        self.started = False
        self._write = Immediate
        self._inputs = [(dut[name], *bench.input_layout.fields[name]) for name in bench.inputs]
        if bench.clock:
            self._inputs.append((dut[bench.clock], bench.input_layout.width, 1))
        self._outputs = [(dut[name], width) for name, width in reversed(bench.outputs.items())]

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
            raise AssertionError(f"{handle._name} has {len(bits)} bits, the bench says {width}")
        return bits

    async def skip(self, skip: Skip) -> None:
        for _ in range(skip.cycles):
            await self._drive(skip.low)
            await self._drive(skip.high)

    async def _drive(self, vector: int) -> None:
        for handle, offset, width in self._inputs:
            handle.set(self._write(vector >> offset & ((1 << width) - 1)))
        await Timer(STEP_NS, "ns")


_stages: dict[int, Driver] = {}
"""The stage of each top-level handle of this simulation."""


def use_packed_player(top: Any, prefix: str, bench: Bench, chunk: int) -> None:
    """Called by the grader: this simulation's top level is the Verilog player."""
    _stages[id(top)] = PackedPlayer(top, prefix, bench, chunk)


async def play(bench: Bench, dut: Any, make: Callable[[bool], Iterator[Step | Skip]]) -> None:
    """Run one case. Raises AssertionError that names the first output that differs."""
    stage = _stages.get(id(dut)) or _stages.setdefault(id(dut), Pins(dut, bench))
    steps = make(not stage.started)
    stage.started = True
    await Timer(1, "ns")
    played = 0
    width, bits = bench.output_layout.width, Bits(bench.output_layout.width)
    for chunk in _chunks(steps, stage.chunk):
        if isinstance(chunk, Skip):
            await stage.skip(chunk)
            played += 2 * chunk.cycles
            continue
        seen = await stage.play(chunk)
        _, values, cares, _ = zip(*chunk, strict=True)
        expected, care = bits.packed(values), bits.packed(cares)
        if not matches(seen, int(expected, 2), int(care, 2)):
            end = len(seen)
            for offset, step in enumerate(chunk):
                got = seen[end - (offset + 1) * width : end - offset * width]
                if not matches(got, step[1], step[2]):
                    error = Mismatch(describe(bench, step, got, played + offset))
                    late = (len(chunk) - offset - 1) * STEP_NS + stage.lag
                    error.ns = get_sim_time("ns") - late
                    raise error
        played += len(chunk)


def _chunks(steps: Iterator[Step | Skip], size: int) -> Iterator[list[Step] | Skip]:
    """Steps in lists of at most `size`, each Skip by itself."""
    chunk: list[Step] = []
    for step in steps:
        if not isinstance(step, Skip) and len(chunk) < size:
            chunk.append(step)
            continue
        if chunk:
            yield chunk
            chunk = []
        if isinstance(step, Skip):
            yield step
        else:
            chunk.append(step)
    if chunk:
        yield chunk


def matches(got: str, value: int, care: int) -> bool:
    """True when every compared bit is the expected 0 or 1; X and Z never are."""
    if "x" in (low := got.lower()) or "z" in low:
        unknown = int(low.translate(_UNKNOWN), 2)
        if unknown & care:
            return False
        got = low.translate(_KNOWN)
    return (int(got, 2) ^ value) & care == 0


_OTHERS = "xzuwlh-"
_UNKNOWN = str.maketrans("01" + _OTHERS, "00" + "1" * len(_OTHERS))
_KNOWN = str.maketrans(_OTHERS, "0" * len(_OTHERS))


def describe(bench: Bench, step: Step, got: str, index: int) -> str:
    """The first differing output of a step, as a person or a model can act on it."""
    end = len(got)
    driven, all_values, all_care, cycle = step
    inputs = bench.input_layout.unpack(driven)
    situation = ", ".join(f"{name}={value:#x}" for name, value in inputs.items())
    if bench.clock:
        situation = f"{bench.clock}={driven >> bench.input_layout.width & 1}, {situation}"
    for name, (offset, width) in bench.output_layout.fields.items():
        mask = (1 << width) - 1
        value, care = all_values >> offset & mask, all_care >> offset & mask
        bits = got[end - offset - width : end - offset]
        if not matches(bits, value, care):
            expected = literal(f"{value:0{width}b}", care)
            when = f"cycle {cycle}, " if bench.clock else ""
            return (
                f"{name}: expected {expected}, got {literal(bits, mask)} "
                f"at {when}{(index + 1) * STEP_NS} ns; inputs: {situation or 'none'}"
            )
    raise ValueError("the step matches")


def literal(bits: str, care: int) -> str:
    """A Verilog literal: hexadecimal where every bit is known, else binary; ? is not compared."""
    width = len(bits)
    if care == (1 << width) - 1 and set(bits) <= {"0", "1"}:
        return f"{width}'h{int(bits, 2):x}" if width > 1 else f"1'b{bits}"
    shown = (bit if care >> (width - 1 - k) & 1 else "?" for k, bit in enumerate(bits.lower()))
    return f"{width}'b{''.join(shown)}"


__all__ = ["PackedPlayer", "Pins", "describe", "matches", "play"]
