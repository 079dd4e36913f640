"""The workers of this process: one for each thread that grades, replaced when it dies."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import warnings
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader._job import Job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import unsafe
from itertl_eval.grader.worker._trial import job
from itertl_eval.grader.worker._worker import StartKilled, Worker, WorkerLost

DIRECT_VARIABLE = "ITERTL_EVAL_DIRECT"
ATTEMPTS = 3
"""How often a sample is tried if workers die over it, or the machine fails it, and how often a
worker is started that is killed meanwhile."""

_local = threading.local()
_workers: set[Closable] = set()
_era = 0
"""Grows with each close_workers, so that samples that began before it do not continue."""
_lock = threading.Lock()
_fork_server_works: bool | None = None
_fork_server_lock = threading.Lock()


class Closable(Protocol):
    """A worker, or a process that has workers."""

    def close(self) -> None: ...


class Interrupted(InfrastructureError):
    """The workers were closed while a sample was being graded."""

    def __init__(self) -> None:
        super().__init__("the run was interrupted")


def keep(opened: Closable) -> None:
    """Have `close_workers` close this."""
    with _lock:
        _workers.add(opened)


def drop(opened: Closable) -> None:
    """Undo `keep`."""
    with _lock:
        _workers.discard(opened)


class Lease:
    """A thread's worker, closed when the thread ends. It can be handed to another thread.

    `run` uses it; `send` and `receive` are for a thread that keeps several workers busy.
    """

    def __init__(self, icarus: Icarus) -> None:
        self.owner = -1
        self.worker = open_worker(icarus, unsafe=unsafe())
        self.owner = os.getpid()
        keep(self.worker)

    def send(self, job: Job) -> Outcome | None:
        """Start a job. Returns None, or its outcome if that fails."""
        try:
            self.worker.send(job)
        except Exception as error:  # if it is not the worker's end, `run` will raise it
            return lost(error)
        return None

    def receive(self) -> Outcome | None:
        """Wait for more of the answer. Returns None as long as some of it is missing."""
        try:
            return self.worker.receive()
        except Exception as error:
            return lost(error)

    def close(self) -> None:
        if self.owner != os.getpid():  # inherited by a fork: it is the parent's
            return
        drop(self.worker)
        self.worker.close()

    def __del__(self) -> None:
        self.close()


def begin() -> None:
    """Note that this thread starts on a sample, which a close_workers from now on interrupts."""
    _local.era = _era


def _require_same_era() -> None:
    if getattr(_local, "era", _era) != _era:
        raise Interrupted


def run(job: Job, icarus: Icarus, tried: Outcome | None = None) -> Outcome:
    """Run a job in this thread's worker.

    Retries in a new worker, which may find another place for its folder, if the worker dies or
    the outcome is marked `retry`: an external cause ended the run.

    Args:
        job: What to run.
        icarus: The simulator.
        tried: The outcome of a first try that was made elsewhere.

    Raises:
        Interrupted: close_workers was called meanwhile.
        InfrastructureError: No worker can be started.
    """
    outcome = Outcome()
    for _ in range(ATTEMPTS):
        outcome, tried = tried or _try(job, icarus), None
        if not outcome.retry:
            return outcome
        if outcome.timeout:  # starved: the machine has other work
            job = replace(job, wall=2 * job.wall)
        if (lease := take_lease()) is not None:
            lease.close()
    return outcome


def _try(job: Job, icarus: Icarus) -> Outcome:
    try:
        return _lease(icarus).worker.run(job)
    except (WorkerLost, OSError) as error:
        return lost(error)


def lost(reason: object) -> Outcome:
    """Return the outcome of a job whose worker is gone."""
    return Outcome(broken=f"no worker could finish it: {reason}", retry=True)


def take_lease() -> Lease | None:
    """Take this thread's worker from it, for use in another thread."""
    lease: Lease | None = _local.__dict__.pop("lease", None)
    return lease


def give_lease(lease: Lease | None) -> None:
    """Give this thread a worker, or none."""
    _local.lease = lease


def _lease(icarus: Icarus) -> Lease:
    lease: Lease | None = getattr(_local, "lease", None)
    if lease is None or lease.owner != os.getpid():
        _require_same_era()
        lease = _local.lease = Lease(icarus)
    _require_same_era()
    return lease


def current_worker() -> Worker | None:
    """Return this thread's worker, if it has one."""
    lease = getattr(_local, "lease", None)
    return lease.worker if lease is not None else None


def close_workers() -> None:
    """End all workers of this process at once and remove their folders.

    Called at exit and on an interrupt; grading that starts afterwards starts new workers.
    """
    global _era
    with _lock:
        _era += 1
        workers = list(_workers)
        _workers.clear()
    for worker in workers:
        worker.close()


atexit.register(close_workers)


def open_worker(icarus: Icarus, *, unsafe: bool = False) -> Worker:
    """Start a worker: a fork server if that works here, else one with a process per sample.

    How cocotb loads Python is not documented, so each process tries its first fork server on
    a right and a wrong design before it trusts the method.

    Raises:
        InfrastructureError: There is no sandbox and the user did not accept that (`unsafe`), or
            the process does not start, or the machine fails it.
    """
    if os.environ.get(DIRECT_VARIABLE) == "1" or not sys.platform.startswith("linux"):
        return _direct_worker(icarus, unsafe)
    global _fork_server_works
    with _fork_server_lock:
        if _fork_server_works is None:
            trial = _tested_worker(icarus, unsafe)
            _fork_server_works = trial is not None
            if trial is not None:
                return trial
            warnings.warn(
                "the fork server's self-test failed; every sample now starts its own simulator, "
                "which is about ten times slower (itertl-eval doctor says more)",
                stacklevel=2,
            )
    return _started(icarus, unsafe) if _fork_server_works else _direct_worker(icarus, unsafe)


def _direct_worker(icarus: Icarus, unsafe: bool) -> Worker:
    from itertl_eval.grader.worker._direct import DirectWorker  # imports cocotb

    return DirectWorker(icarus, unsafe=unsafe)


def _started(icarus: Icarus, unsafe: bool) -> Worker:
    """Start a fork server; another one if something kills it."""
    for _ in range(ATTEMPTS - 1):
        with suppress(StartKilled):
            return Worker(icarus, unsafe=unsafe)
    return Worker(icarus, unsafe=unsafe)


def _tested_worker(icarus: Icarus, unsafe: bool) -> Worker | None:
    """Return a fork server that tells a right from a wrong design, or None if none does.

    Raises:
        InfrastructureError: The machine fails the designs, which says nothing of the method.
    """
    fault = ""
    for _ in range(ATTEMPTS):
        worker = _started(icarus, unsafe)
        try:
            right, wrong = worker.run(job("~a")), worker.run(job("a"))
        except WorkerLost:  # once, something may have killed it
            worker.close()
            continue
        cases = [[case.passed for case in outcome.cases] for outcome in (right, wrong)]
        if cases == [[True], [False]]:
            return worker
        worker.close()
        fault = next((outcome.broken or "" for outcome in (right, wrong) if outcome.retry), "")
        if not fault:
            break
    if fault:
        raise InfrastructureError(f"a grading worker failed at a good design: {fault}")
    return None
