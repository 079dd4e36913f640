"""Run a test case of a Bench without cocotb's tasks and triggers.

Such a case only waits for time to pass, so a callback of the simulator is all that it needs.
cocotb's own machinery calls some forty more functions for each case, and in a process that has
just been forked every function that is called costs a few memory pages.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import cocotb
from cocotb import _gpi_triggers
from cocotb.triggers import Timer


class LeanTest:
    """What cocotb's TestManager is for other tests: start, exception, cancel.

    Args:
        coroutine: The test case; it awaits nothing but `Timer`.
        done: Called when it has ended.
    """

    def __init__(self, coroutine: Coroutine[Timer, None, None], done: Callable[[], None]) -> None:
        self._resume_coroutine = coroutine.send
        self._done = done
        self._error: BaseException | None = None
        self._waiting: Any = None

    def start(self) -> None:
        """Run the case to its end or until it waits; then again when that time has passed."""
        try:
            timer = self._resume_coroutine(None)
        except StopIteration:
            self._done()
        except (KeyboardInterrupt, SystemExit):  # ends the simulation, as in cocotb
            raise
        except BaseException as error:
            self._error = error
            self._done()
        else:
            _gpi_triggers._current_gpi_trigger = timer
            register = cocotb.simulator.register_timed_callback
            self._waiting = register(timer._sim_steps, self.start)

    def exception(self) -> BaseException | None:
        """Return what the case has raised."""
        return self._error

    def cancel(self, _: str) -> None:
        """End the case, because the simulation has ended."""
        if self._waiting is not None:
            self._waiting.deregister()
        self._done()


class Pause:
    """A step of simulated time between two cases; takes the place of cocotb's `Timer(1)`."""

    @staticmethod
    def _register(resume: Callable[[], None]) -> None:
        cocotb.simulator.register_timed_callback(1, resume)
