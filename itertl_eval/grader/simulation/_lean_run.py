"""Run the test cases of a Bench without cocotb's tasks and triggers.

Such a case only waits for time to pass, so a callback of the simulator is all that it needs.
cocotb's own machinery calls some eighty more functions, and in a process that has just been
forked every function that is called costs a few memory pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import cocotb
from cocotb import _gpi_triggers
from cocotb.regression import Test


class Manager(Protocol):
    """What a LeanRun needs of the regression manager that it runs the cases for."""

    steps_per_ns: float

    def take(self) -> Test | None:
        """Announce the next test case; None after the last one."""

    def begin(self) -> None:
        """Seed the random numbers of the case and note when it begins."""

    def ended(self, error: BaseException | None) -> None:
        """Record the case."""

    def skip_to_end(self) -> None:
        """Record the cases that can't run any more."""


class LeanRun:
    """All test cases of a simulation; each awaits nothing but `Delay`.

    Args:
        manager: Knows the cases and records their outcomes.
    """

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._test: Test | None = None
        self._resume: Callable[[None], Any] | None = None
        self._waiting: Any = None

    def start(self) -> None:
        """Run the first case."""
        self._test = self._manager.take()
        self._begin()

    def _begin(self) -> None:
        assert self._test is not None
        self._manager.begin()
        self._resume = self._test.func(None).send
        self._step()

    def _step(self) -> None:
        """Run the case to its end or until it waits; then again when that time has passed."""
        assert self._resume is not None
        try:
            delay = self._resume(None)
        except StopIteration:
            self._next(None)
        except (KeyboardInterrupt, SystemExit):  # ends the simulation, as in cocotb
            raise
        except BaseException as error:
            self._next(error)
        else:
            _gpi_triggers._current_gpi_trigger = delay
            steps = int(delay.ns * self._manager.steps_per_ns)
            self._waiting = cocotb.simulator.register_timed_callback(steps, self._step)

    def _next(self, error: BaseException | None) -> None:
        self._manager.ended(error)
        self._test = self._manager.take()
        if self._test is not None:  # a step of simulated time lies between two, as in cocotb
            self._waiting = cocotb.simulator.register_timed_callback(1, self._begin)

    def cancel(self, _: str) -> None:
        """End the case, because the simulation has ended."""
        if self._waiting is not None:
            self._waiting.deregister()
        self._manager.ended(None)
        self._manager.skip_to_end()
