"""What a published cocotb harness finds in its process beside the simulation.

CVDP's harnesses were written for cocotb 1 and later carried over, most of them in part. Names that
cocotb 2 has dropped are there for them. A test that asks the clock for randomness gets the same
from run to run: time starts at a point that the seed decides.
"""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import itertools
import random
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any

import cocotb
import cocotb.result
from cocotb.clock import Clock
from cocotb.handle import SimHandleBase
from cocotb.triggers import ReadOnly, Timer
from cocotb.types import Logic
from cocotb.utils import get_sim_steps, get_sim_time

_SET_ARGUMENTS = "_Z17vpi_set_vlog_infoiPPc"
"""vvp's own function for the arguments of the simulation; exported by Icarus 11 to 13."""
_EPOCH = 1_700_000_000
_NAME, _DIRECTION, _PORT, _INPUT = 2, 20, 44, 1
"""Numbers of vpi_user.h: two properties, a kind of object, a direction."""


class TestFailure(AssertionError):
    """cocotb 1's exception for a design that fails a test."""

    __test__ = False


_NAMES: Mapping[str, object] = {"TestFailure": TestFailure, "TestError": TestFailure}
"""What cocotb.result had in cocotb 1."""
_LOGIC: Mapping[str, Callable[[Any], object]] = {
    "integer": int,
    "signed_integer": lambda bit: -int(bit),
    "binstr": str,
    "n_bits": lambda bit: 1,  # noqa: ARG005
}
"""What the value of a signal with one bit had in cocotb 1."""
_LOGIC_METHODS: Mapping[str, Callable[[Any], object]] = {
    "to_unsigned": lambda bit: int(bit),
    "to_signed": lambda bit: -int(bit),
    "__len__": lambda bit: 1,  # noqa: ARG005
}
_MODULES: Mapping[str, Mapping[str, object]] = {
    "cocotb.runner": {"get_runner": None},  # imported, but not used in a simulation
    "cocotb.sim_time_utils": {"get_sim_time": get_sim_time},
}
"""Modules that earlier versions of cocotb had, and what tests import from them."""
_kept: list[object] = []


def _coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what cocotb 1's decorator `cocotb.coroutine` makes of an async function: the same."""
    if not inspect.iscoroutinefunction(function):
        raise AttributeError("module 'cocotb' has no attribute 'coroutine' for generators")
    return function


@contextlib.contextmanager
def names() -> Iterator[None]:
    """Give cocotb the names of cocotb 1 that it lacks, inside this block."""
    modules = {name: ModuleType(name) for name in _MODULES}
    for name, module in modules.items():
        vars(module).update(_MODULES[name])
    places: list[tuple[dict[str, Any], Mapping[str, object]]] = [
        (vars(cocotb.result), _NAMES),
        (vars(cocotb), {"coroutine": _coroutine}),
        (sys.modules, modules),
    ]
    before = [{name: known[name] for name in ours if name in known} for known, ours in places]
    for known, ours in places:
        known.update(ours)
    try:
        yield
    finally:
        for (known, ours), kept in zip(places, before, strict=True):
            for name in ours:
                del known[name]
            known.update(kept)


def as_mapping(plusargs: Sequence[str]) -> dict[str, str | bool]:
    """Return a simulator's arguments as cocotb shows them: "+n=3" is {"n": "3"}."""
    pairs = (argument.removeprefix("+").partition("=") for argument in plusargs)
    return {name: value if equals else True for name, equals, value in pairs}


def enter(seed: int, plusargs: Sequence[str]) -> None:
    """Prepare this process, which is a sample's own, for the tests of a published harness.

    Args:
        seed: Decides what a test sees that takes randomness from the clock.
        plusargs: Arguments of the simulator that begin with a plus.

    Raises:
        OSError: This simulator can't be given arguments.
    """
    vars(cocotb.result).update(_NAMES)
    for name, read in _LOGIC.items():
        setattr(Logic, name, property(read))
    for name, method in _LOGIC_METHODS.items():
        setattr(Logic, name, method)
    _allow_no_delay()
    _allow_odd_periods()
    _allow_reading_twice()
    _tell_inputs()
    _settle_chance(seed)
    if plusargs:
        _give(plusargs)
        cocotb.plusargs = as_mapping(plusargs)


def _allow_no_delay() -> None:
    """Let Timer(0) wait for the shortest time there is, as in cocotb 1."""
    initialize = Timer.__init__

    def patched(self: Timer, time: Any, *rest: Any, **named: Any) -> None:
        if time == 0:
            initialize(self, 1, "step")
        else:
            initialize(self, time, *rest, **named)

    Timer.__init__ = patched  # type: ignore[method-assign]


def _allow_odd_periods() -> None:
    """Let a clock have a period of an odd number of steps.

    Otherwise it would depend on the design's own timescale whether the harness runs at all.
    """
    initialize = Clock.__init__

    def patched(
        self: Clock, signal: Any, period: Any, unit: Any = "step", *rest: Any, **named: Any
    ) -> None:
        unit = named.pop("units", None) or unit
        if (steps := get_sim_steps(period, unit)) % 2 and not (
            steps == 1 or "period_high" in named
        ):
            period, unit, named["period_high"] = steps, "step", steps // 2
        initialize(self, signal, period, unit, *rest, **named)

    Clock.__init__ = patched  # type: ignore[method-assign]


def _allow_reading_twice() -> None:
    """Let a test wait for ReadOnly where it is in that phase already, as earlier cocotb did."""
    wait = ReadOnly.__await__

    def patched(self: ReadOnly) -> Generator[Any, None, Any]:
        try:
            return (yield from wait(self))
        except RuntimeError as error:
            if "ReadOnly in ReadOnly" not in str(error):
                raise
            return self

    ReadOnly.__await__ = patched  # type: ignore[method-assign]


def _tell_inputs() -> None:
    """Let inputs have the type GPI_NET, by which harnesses find what they have to set to 0.

    cocotb 2 has one type for nets and variables, so that those harnesses set nothing and the
    design starts with floating inputs. In cocotb 1 it was the type of all nets.
    """

    def kind(self: SimHandleBase) -> str:
        found = str(self._handle.get_type_string())
        if not found.startswith(("GPI_LOGIC", "GPI_PACKED")):  # one bit, several bits
            return found
        top, _, name = self._path.partition(".")
        return "GPI_NET" if name in _inputs_of(top) else "GPI_REGISTER"

    SimHandleBase._type = property(kind)  # type: ignore[assignment,method-assign]


@cache
def _inputs_of(top: str) -> frozenset[str]:
    """Return the names of the inputs of the root module."""
    vpi = ctypes.CDLL(None)
    for function in (vpi.vpi_handle_by_name, vpi.vpi_iterate, vpi.vpi_scan):
        function.restype = ctypes.c_void_p
    vpi.vpi_get_str.restype = ctypes.c_char_p
    root = ctypes.c_void_p(vpi.vpi_handle_by_name(top.encode(), None))
    ports = ctypes.c_void_p(vpi.vpi_iterate(_PORT, root))
    found = set()
    while ports and (scanned := vpi.vpi_scan(ports)):
        port = ctypes.c_void_p(scanned)
        if vpi.vpi_get(_DIRECTION, port) == _INPUT:
            found.add(vpi.vpi_get_str(_NAME, port).decode())
    return frozenset(found)


def _settle_chance(seed: int) -> None:
    """Make the clock, and what is seeded from nothing or from a time, depend on the seed only."""
    ticks, calls, plant = itertools.count(), itertools.count(), random.seed
    start = _EPOCH + seed % 10_000_000

    def now() -> float:
        return start + next(ticks) / 1000

    def plant_settled(a: Any = None, version: int = 2) -> None:
        plant(f"{seed}/{next(calls)}" if a is None or isinstance(a, float) else a, version)

    time.time = now
    time.time_ns = lambda: int(now() * 1e9)
    random.seed = plant_settled


def _give(plusargs: Sequence[str]) -> None:
    """Give the running simulator arguments, as if they had been on its command line."""
    give = getattr(ctypes.CDLL(None), _SET_ARGUMENTS, None)
    if give is None:
        raise OSError("this build of vvp can't be given plusargs while it runs")
    words = [b"vvp", *(argument.encode() for argument in plusargs)]
    arguments = (ctypes.c_char_p * len(words))(*words)
    _kept.append(arguments)
    give(ctypes.c_int(len(words)), arguments)
