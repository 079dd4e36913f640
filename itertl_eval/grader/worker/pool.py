"""The workers of this process: one for each thread that grades, replaced when it dies."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import warnings
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.worker._worker import Worker, WorkerLost

UNSAFE_VARIABLE = "ITERTL_EVAL_UNSAFE_NO_SANDBOX"
ATTEMPTS = 3
"""How often a sample is tried when workers die under it, or the machine fails it."""

_local = threading.local()
_workers: set[Worker] = set()
_era = 0
"""Grows with each close_workers, so that what was begun before is not gone on with."""
_lock = threading.Lock()


class Interrupted(InfrastructureError):
    """The workers were closed while a sample was judged."""

    def __init__(self) -> None:
        super().__init__("the run was interrupted")


def unsafe() -> bool:
    """The user accepted grading without the file wall."""
    return os.environ.get(UNSAFE_VARIABLE) == "1"


class _Lease:
    """A thread's worker; given back to the operating system when the thread ends."""

    def __init__(self, icarus: Icarus) -> None:
        self.owner = -1
        self.worker = open_worker(icarus, unsafe=unsafe())
        self.owner = os.getpid()
        with _lock:
            _workers.add(self.worker)

    def close(self) -> None:
        if self.owner != os.getpid():  # inherited by a fork: it is the parent's
            return
        with _lock:
            _workers.discard(self.worker)
        self.worker.close()

    def __del__(self) -> None:
        self.close()


def begin() -> None:
    """A thread starts on a sample: a close_workers from now on interrupts it."""
    _local.era = _era


def _go_on() -> None:
    if getattr(_local, "era", _era) != _era:
        raise Interrupted


def run(job: dict[str, Any], icarus: Icarus) -> dict[str, Any]:
    """Run a job in this thread's worker (see worker.Worker.run).

    It is tried again in a new worker, which may find another place for its folder, when the
    worker dies or when the answer says "again": something outside of the sample ended it.
    Raises Interrupted after close_workers.
    """
    answer: dict[str, Any] = {}
    for _ in range(ATTEMPTS):
        try:
            answer = _lease(icarus).worker.run(job)
        except (WorkerLost, OSError) as lost:
            broken = f"no worker could finish it: {lost}"
            answer = {"cases": [], "timeout": False, "broken": broken, "again": True}
        if not answer.get("again"):
            return answer
        if answer.get("timeout"):  # starved: the machine has other work
            job = {**job, "wall": 2 * job["wall"]}
        if (lease := getattr(_local, "lease", None)) is not None:
            lease.close()
            _local.lease = None
    return answer


def _lease(icarus: Icarus) -> _Lease:
    lease: _Lease | None = getattr(_local, "lease", None)
    if lease is None or lease.owner != os.getpid():
        _go_on()
        lease = _local.lease = _Lease(icarus)
    _go_on()
    return lease


def current_worker() -> Worker | None:
    """This thread's worker, if it has one."""
    lease = getattr(_local, "lease", None)
    return lease.worker if lease is not None else None


def close_workers() -> None:
    """End all workers of this process, whatever they do, and remove their folders.

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
    """A worker for this machine: a fork server where one works, else a process per sample.

    How cocotb loads Python is not documented, so each process tries its first fork server on
    a right and a wrong design before it trusts the method.
    """
    from itertl_eval.grader.worker._direct import DirectWorker

    if os.environ.get("ITERTL_EVAL_DIRECT") == "1" or not sys.platform.startswith("linux"):
        return DirectWorker(icarus, unsafe=unsafe)
    global _fork_server_works
    with _fork_server_lock:
        if _fork_server_works is None:
            trial = Worker(icarus, unsafe=unsafe)
            _fork_server_works = _passes_self_test(trial)
            if _fork_server_works:
                return trial
            trial.close()
            warnings.warn(
                "the fork server's self-test failed; every sample now starts its own simulator, "
                "which is about ten times slower (itertl-eval doctor says more)",
                stacklevel=2,
            )
    return (Worker if _fork_server_works else DirectWorker)(icarus, unsafe=unsafe)


_fork_server_works: bool | None = None


_fork_server_lock = threading.Lock()


def _passes_self_test(worker: Worker) -> bool:
    from itertl_eval.grader.worker.self_test import job

    try:
        right, wrong = worker.run(job("~a")), worker.run(job("a"))
    except WorkerLost:
        return False
    outcomes = [[case["passed"] for case in answer["cases"]] for answer in (right, wrong)]
    return outcomes == [[True], [False]]
