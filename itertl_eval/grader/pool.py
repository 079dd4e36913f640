"""The workers of this process: one for each thread that grades, replaced when it dies."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Any

from itertl_eval.grader.icarus import Icarus
from itertl_eval.grader.worker import Worker, WorkerLost, open_worker

UNSAFE_VARIABLE = "ITERTL_EVAL_UNSAFE_NO_SANDBOX"
ATTEMPTS = 3
"""How often a sample is tried when workers die under it, or the machine fails it."""

_local = threading.local()
_workers: set[Worker] = set()
_era = 0
"""Grows with each close_workers, so that what runs then is not tried again."""
_lock = threading.Lock()


def unsafe() -> bool:
    """The user accepted grading without the file wall."""
    return os.environ.get(UNSAFE_VARIABLE) == "1"


class _Lease:
    """A thread's worker; given back to the operating system when the thread ends."""

    def __init__(self, icarus: Icarus) -> None:
        self.owner = os.getpid()
        self.worker = open_worker(icarus, unsafe=unsafe())
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


def run(job: dict[str, Any], icarus: Icarus) -> dict[str, Any]:
    """Run a job in this thread's worker (see worker.Worker.run).

    It is tried again in a new worker, which may find another place for its folder, when the
    worker dies or when the answer says "again": something outside of the sample ended it.
    """
    era = _era
    answer: dict[str, Any] = {}
    for _ in range(ATTEMPTS):
        lease = getattr(_local, "lease", None)
        try:
            if lease is None or lease.owner != os.getpid():
                lease = _local.lease = _Lease(icarus)
            answer = lease.worker.run(job)
        except (WorkerLost, OSError) as lost:
            answer = {"cases": [], "broken": f"no worker could finish it: {lost}", "again": True}
        if not answer.get("again"):
            return answer
        if answer.get("timeout"):  # starved: the machine has other work
            job = {**job, "wall": 2 * job["wall"]}
        if lease is not None:
            lease.close()
            _local.lease = None
        if era != _era:
            return {"cases": [], "broken": "the run was interrupted"}
    return answer


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
