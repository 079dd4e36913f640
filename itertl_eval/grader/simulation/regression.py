"""Run cocotb's tests inside the simulator and report each outcome through a socket.

cocotb calls `run` as an entry point in place of its own regression. Tests are discovered, seeded,
scheduled and scored by cocotb's RegressionManager; only what it records is replaced: outcomes go to
the grader as values, nothing is printed, nothing is written to a file, and the process ends without
running the simulator's `final` blocks. Where all tests are cases of a Bench, a LeanRun schedules
them.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import sys
import time
from collections.abc import Callable, Mapping
from math import ceil
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple, NoReturn, cast

import cocotb
import cocotb.regression
from cocotb._test_manager import TestManager
from cocotb.regression import RegressionManager, SimFailure, Test
from cocotb.triggers import SimTimeoutError

from itertl_eval.grader._job import attempt
from itertl_eval.grader._outcome import Case, Message, Send
from itertl_eval.grader.simulation._failure import explain
from itertl_eval.grader.simulation._lean_run import LeanRun
from itertl_eval.verdict import Order

_BROKEN = (OSError, ImportError)
_VERDICTS = (*cocotb.regression._TestFailures, SimFailure, SimTimeoutError)
"""What a test raises to fail a design; anything else was not foreseen by the testbench."""
_FIRST_REPORT_NS, _LAST_REPORT_NS, _REPORT_FACTOR = 1e5, 1e9, 1.25
"""When simulated time is reported: later than most runs end, and ever more rarely."""


class SimulationPlan(NamedTuple):
    """What the process that prepared the design wants simulated.

    Attributes:
        tests: Returns the tests, when the simulation has begun.
        send: Takes the messages for the grader.
        setup: Called before the tests start, if there is one.
        seed: Seed of the simulation.
        lean: Whether a LeanRun may run the tests; see `Regression.only_waits`.
        began: CPU seconds of this process when the simulation's time limit began.
        partial: Go on after a test case that fails, for a partial score.
        to_the_end: Let the simulator end by itself, so that it closes a waveform file; nothing
            is graded then.
        order: The order in which the test cases run.
        most_ns: For test cases by name, the simulated nanoseconds after which one has failed.
    """

    tests: Callable[[], Regression]
    send: Send
    setup: Callable[[], None] | None
    seed: int
    lean: bool
    began: float = 0.0
    partial: bool = True
    to_the_end: bool = False
    order: Order = "written"
    most_ns: Mapping[str, float] = MappingProxyType({})


_plan: SimulationPlan | None = None


def set_plan(plan: SimulationPlan) -> None:
    """Set what `run` runs. Call it once per process, before the simulation starts."""
    global _plan
    assert _plan is None, "a process runs one simulation"
    _plan = plan


class Regression(RegressionManager):
    """cocotb's regression manager, which reports cases instead of printing them.

    Made before the simulation starts, even before the sample's process is forked.
    """

    def __init__(self, module: ModuleType) -> None:
        if not hasattr(cocotb, "RANDOM_SEED"):  # known when the simulation starts
            cocotb.RANDOM_SEED = 0
        super().__init__()
        self._began_ns = 0.0
        self.captured: list[str] = []
        """What the running test has captured; it travels with the report of its case."""
        self._held: Message = {}  # sent with the next message, which follows at once
        before = sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module
        try:
            self.discover_tests(module.__name__)
        finally:
            if before is None:
                del sys.modules[module.__name__]
            else:
                sys.modules[module.__name__] = before
        self._offsets = {test: _seed_offset(test) for test in self._test_queue}

    @property
    def only_waits(self) -> bool:
        """Whether all tests are cases of a Bench, which wait for time and nothing else."""
        return bool(self._test_queue) and all(map(_only_waits, self._test_queue))

    def keep_tests(self, names: str) -> None:
        """Keep the tests whose full name holds this regular expression."""
        self._test_queue = [test for test in self._test_queue if re.search(names, test.fullname)]

    def start(self, plan: SimulationPlan) -> None:
        """Run the tests; the messages go to the plan's `send`."""
        self._plan, self._send = plan, plan.send
        cocotb.simulator.register_nextstep_callback(plan.send, {"moved": True})
        self.steps_per_ns: float = 10 ** (-9 - cocotb.simulator.get_precision())
        self._regression_seed = plan.seed
        if plan.order == "reversed":
            self._test_queue.reverse()
        self.start_regression()

    def start_regression(self) -> None:
        # cocotb runs tests sorted by stage; what has not run when the simulation is cut
        # short has still to be counted.
        tests = [test for test in self._test_queue if not test.skip]
        if all(test.expect_fail or test.expect_error for test in tests):
            self._give_up()
        self._total = len(tests)
        self._held = {"cases_total": self._total}
        self._report_time(_FIRST_REPORT_NS)
        if self._plan.lean:
            lean = LeanRun(self)
            self._running_test = cast("TestManager", lean)
            lean.start()
        else:
            super().start_regression()

    def _report(self, message: Message) -> None:
        self._send({**self._held, **message})
        self._held = {}

    def _report_time(self, ns: float) -> None:
        """Report the simulated time now and then, for a run that is stopped at its time limit."""
        if ns < _LAST_REPORT_NS:
            delay = max(1, int((ns - self._now_ns()) * self.steps_per_ns))
            cocotb.simulator.register_timed_callback(delay, self._reached, ns)

    def _now_ns(self) -> float:
        high, low = cocotb.simulator.get_sim_time()
        return (high << 32 | low) / self.steps_per_ns

    def _reached(self, ns: float) -> None:
        self._send({"reached": ns})
        self._report_time(ns * _REPORT_FACTOR)

    def _init_test(self) -> TestManager:
        most = self._plan.most_ns.get(self._test.name)
        if most is not None and self._test.timeout is None:
            self._test.timeout = ceil(most), "ns"
        return super()._init_test()

    def take(self) -> Test | None:
        """Take the next test case; end the run after the last one."""
        if not self._test_queue:
            self._tear_down()
            return None
        self._test = self._test_queue.pop(0)
        self._log_test_start()
        return self._test

    def _give_up(self) -> NoReturn:
        broken = "all test cases of the testbench are skipped or expected to fail"
        self._report({"broken": broken, "testbench_fault": True})
        os._exit(0)

    def _record(self, passed: bool, error: BaseException | None = None, why: str = "") -> None:
        case = Case(self._test.name, passed)
        if not passed:
            case.message = explain(error, self._test, why)
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            foreseen = isinstance(error, _VERDICTS)
            case.broken = isinstance(error, _BROKEN) and not foreseen
            case.unexpected = error is not None and not foreseen
            if self._plan.to_the_end:
                case.ns = float(getattr(error, "ns", None) or self._now_ns())
        case.captured, self.captured = self.captured, []
        case.took = self._now_ns() - self._began_ns
        if self._held:
            self._report({})
        self._held = {"case": case}
        if not passed and not self._plan.partial:
            self._tear_down()

    def _schedule_next_test(self) -> None:
        self.begin()
        self._running_test.start()

    def begin(self) -> None:
        """Seed what is random in a test case."""
        # As in cocotb, except that nothing is kept to be restored after the test: no code runs
        # between two tests.
        seed = self._regression_seed + self._offsets[self._test]
        random.seed(seed)
        cocotb.types._resolve._randomResolveRng.seed(seed)
        cocotb.RANDOM_SEED = seed
        self._began_ns = self._now_ns()

    def _test_complete(self) -> None:
        self.ended(self._running_test.exception())
        self._execute()

    def ended(self, error: BaseException | None) -> None:
        """Record the outcome of a test case."""
        cocotb.RANDOM_SEED = self._regression_seed
        self._score_test(self._regression_terminated or error, 0.0, 0.0, 0.0)

    def skip_to_end(self) -> None:
        """Record the test cases that can't run any more, because the simulation has ended."""
        self._execute()

    def _log_test_start(self) -> None:
        self._report({"running": self._test.name})

    def _log_test_summary(self) -> None: ...

    def _record_test_passed(self, *_: Any, **__: Any) -> None:
        self._record(True)

    def _record_test_xfail(self, *_: Any, **__: Any) -> None:
        self._record(True)

    def _record_test_skipped(self, *_: Any, **__: Any) -> None:
        if not self._test.skip:  # by pytest.skip, after it had begun
            self._total -= 1
            self._report({"cases_total": self._total})

    def _record_test_init_failed(self) -> None:
        self._record(False, sys.exc_info()[1], "the test could not be started")

    def _record_test_failed(self, *_: Any, **found: Any) -> None:
        self._record(False, found["result"], found["msg"] or "")

    def _on_sim_end(self) -> None:
        super()._on_sim_end()
        if not self._tearing_down:
            self._tear_down()

    def _tear_down(self) -> None:
        if not self._tearing_down:
            self._tearing_down = True
            if self._plan.to_the_end:
                self._report({})
                cocotb.simulator.stop_simulator()
                return
            if self._total == 0:
                self._give_up()
            self._report({"finished": True, "simulated": time.process_time() - self._plan.began})
            os._exit(0)


def _only_waits(test: Test) -> bool:
    plain = not (test.timeout or test.expect_fail or test.expect_error or test.skip or test.stage)
    return plain and getattr(test.func, "only_waits", False)


def _seed_offset(test: Test) -> int:
    """Return what cocotb adds to the seed of a simulation for one of its tests."""
    return int(hashlib.sha1(test.fullname.encode()).hexdigest(), 16)


def attach(captured: list[str]) -> None:
    """Send lines of text with the report of the running test case (`Case.captured`)."""
    manager = cocotb.regression._manager_inst
    assert isinstance(manager, Regression)
    manager.captured = captured


def run() -> None:
    """Entry point: start the tests of the plan."""
    plan = _plan
    assert plan is not None
    cocotb.RANDOM_SEED = plan.seed
    random.seed(plan.seed)

    def start() -> bool:
        if plan.setup is not None:
            plan.setup()
        manager = plan.tests()
        cocotb.regression._manager_inst = manager
        manager.start(plan)
        cocotb.regression.shutdown.register(manager._on_sim_end)
        return True

    if not attempt(start, plan.send):
        os._exit(0)
