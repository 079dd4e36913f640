"""Play a schedule against the design and compare its outputs with the expected ones.

There are two drivers with one meaning. Under the grader the top level is a small Verilog player:
a chunk of packed stimulus is written at once, the simulator plays it alone, and a chunk of
captured outputs is read at once. Under cocotb's own runner the top level is the design itself,
and every step goes through its signal handles.

Outputs are compared twice in each step: at its end, and at one of several earlier moments in turn,
so a design whose outputs are only right for an instant fails.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, cast

import cocotb
from cocotb.handle import HierarchyObject
from cocotb.utils import get_sim_time

from itertl_eval.bench._bits import Bits, literal, matches
from itertl_eval.bench._interface import Interface
from itertl_eval.bench._pins import Pins
from itertl_eval.bench._power_on import zero_unknown
from itertl_eval.bench._schedule import LOOKS_NS, STEP_NS, Skip, Step
from itertl_eval.bench._verilog_player import PackedPlayer


class Mismatch(AssertionError):
    """An output differs from the expected one; `ns` is when, in simulation time."""

    ns: float


class Driver(Protocol):
    """Where steps are played. `lag` is how many nanoseconds after its last step `play` returns."""

    chunk: int
    """The largest number of steps to play at once."""
    lag: int
    started: bool
    """Whether a test case of this simulation has begun."""

    def wait(self, ns: int) -> Awaitable[object]:
        """Return what a test case awaits to let time pass."""
        ...

    async def play(self, steps: Sequence[Step], look: int) -> tuple[str, str]:
        """Drive the steps and look twice at the outputs of each: early, and at its end.

        Args:
            steps: At most `chunk` steps.
            look: The one of LOOKS_NS for the first step; the others follow in turn.

        Returns:
            For each of the two looks, all outputs as 0, 1, X and Z, those of the first step last.
        """
        ...

    async def skip(self, skip: Skip) -> None:
        """Drive clock cycles without looking at the outputs."""
        ...


_drivers: dict[int, Driver] = {}
"""The driver of each top-level handle of this simulation."""
_player: PackedPlayer | None = None
"""The driver of a simulation whose top level is the Verilog player."""


def use_packed_player(
    prefix: str, interface: Interface, *, second_look: bool = True, lean: bool = False
) -> None:
    """Tell `play` that this simulation's top level is the Verilog player (see harness_text).

    Args:
        prefix: What every name in the player begins with.
        interface: The ports of the design.
        second_look: As the player has it.
        lean: Wait with `Delay`, and not with cocotb's triggers.
    """
    global _player
    _player = PackedPlayer(prefix, interface, second_look=second_look, lean=lean)


def _driver_of(interface: Interface, dut: Any) -> Driver:
    """Return the driver of this simulation: the top level's own pins unless there is a player."""
    if _player is not None:
        return _player
    return _drivers.get(id(dut)) or _drivers.setdefault(id(dut), Pins(dut, interface))


async def start_at_zero(interface: Interface, dut: Any) -> None:
    """Set what is unknown in the design to zero; to be called before the first case."""
    await _driver_of(interface, dut).wait(1)  # after the design's own initial values
    inside = [dut]
    if _player is not None:
        root: Any = cocotb.top
        inside = [child for child in root if isinstance(child, HierarchyObject)]
    zero_unknown(inside)


async def capture(interface: Interface, dut: Any, steps: Iterator[Step | Skip]) -> list[str]:
    """Drive the steps and return all outputs, packed, as 0, 1, X and Z, one string per step."""
    driver = _driver_of(interface, dut)
    await driver.wait(1)
    width = interface.output_layout.width
    captured: list[str] = []
    for chunk in _chunks(steps, driver.chunk):
        if isinstance(chunk, Skip):
            await driver.skip(chunk)
            continue
        _, seen = await driver.play(chunk, LOOKS_NS[0])
        ends = range(len(seen), 0, -width)
        captured += [seen[end - width : end] for end in ends]
    return captured


async def play(
    interface: Interface, dut: Any, make: Callable[[bool], Iterator[Step | Skip]]
) -> None:
    """Run one test case.

    Args:
        interface: The ports of the design.
        dut: cocotb's top-level handle.
        make: Returns the steps, given whether this is the first case of the simulation.

    Raises:
        Mismatch: Names the first output that differs.
    """
    driver = _driver_of(interface, dut)
    steps = make(not driver.started)
    driver.started = True
    await driver.wait(1)
    first, played = cocotb.RANDOM_SEED, 0
    width, bits = interface.output_layout.width, Bits(interface.output_layout.width)
    for chunk in _chunks(steps, driver.chunk):
        if isinstance(chunk, Skip):
            await driver.skip(chunk)
            played += 2 * chunk.cycles
            continue
        early, seen = await driver.play(chunk, LOOKS_NS[(first + played) % len(LOOKS_NS)])
        expected = bits.packed([step[1] for step in chunk])
        if not (seen == expected == early) and not _all_match(seen, early, expected, chunk, bits):
            for offset, step in enumerate(chunk):
                look = LOOKS_NS[(first + played + offset) % len(LOOKS_NS)]
                for outputs, ns in ((seen, STEP_NS), (early, look)):
                    end = len(outputs) - offset * width
                    got = outputs[end - width : end]
                    if not matches(got, step[1], step[2]):
                        start = (played + offset) * STEP_NS
                        error = Mismatch(describe(interface, step, got, start + ns))
                        late = (len(chunk) - offset) * STEP_NS - ns + driver.lag
                        error.ns = get_sim_time("ns") - late
                        raise error
        played += len(chunk)


def _all_match(seen: str, early: str, expected: str, chunk: Sequence[Step], bits: Bits) -> bool:
    """Return whether the outputs of a chunk are right where they are compared."""
    value, care = int(expected, 2), int(bits.packed([step[2] for step in chunk]), 2)
    return matches(seen, value, care) and (early == seen or matches(early, value, care))


def _chunks(steps: Iterator[Step | Skip], size: int) -> Iterator[list[Step] | Skip]:
    """Yield steps in lists of at most `size`, and each Skip by itself."""
    chunk: list[Step] = []
    while taken := list(islice(steps, size - len(chunk))):
        if Skip not in map(type, taken):
            chunk += cast("list[Step]", taken)
        else:
            for step in taken:
                if not isinstance(step, Skip):
                    chunk.append(step)
                    continue
                if chunk:
                    yield chunk
                    chunk = []
                yield step
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def describe(interface: Interface, step: Step, got: str, ns: int) -> str:
    """Return the first differing output of a step, so that a person or a model can act on it.

    Args:
        interface: The ports of the design.
        step: The step.
        got: All outputs, packed.
        ns: When they were seen, from the start of the case.
    """
    end = len(got)
    driven, all_values, all_care, cycle = step
    inputs = interface.input_layout.unpack(driven)
    situation = ", ".join(f"{name}={value:#x}" for name, value in inputs.items())
    if interface.clock:
        level = driven >> interface.input_layout.width & 1
        situation = f"{interface.clock}={level}, {situation}"
    for name, (offset, width) in interface.output_layout.fields.items():
        mask = (1 << width) - 1
        value, care = all_values >> offset & mask, all_care >> offset & mask
        bits = got[end - offset - width : end - offset]
        if not matches(bits, value, care):
            expected = literal(f"{value:0{width}b}", care)
            when = f"cycle {cycle}, " if interface.clock else ""
            return (
                f"{name}: expected {expected}, got {literal(bits, mask)} "
                f"at {when}{ns} ns; inputs: {situation or 'none'}"
            )
    raise ValueError("the step matches")


__all__ = ["Mismatch", "capture", "describe", "play", "start_at_zero", "use_packed_player"]
