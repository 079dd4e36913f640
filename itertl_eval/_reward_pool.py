"""One pool for all rewards of a process, whoever asks: threads, event loops, one by one or many.

A trainer may ask for a completion at a time, from many threads. Workers that started and ended
with each call would cost more than grading, and calls that wait for each other would leave cores
idle. So a thread owns a GradingPool, and every call gives it samples and waits for its own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue

from itertl_eval.errors import ItertlError
from itertl_eval.grader import GradingPool, Item, require_testbenches
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict, warn_of_testbench

Answer = Future[Verdict]


class RewardPool:
    """The pool and its thread, which ends with the process."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[list[tuple[Item, Answer]] | None] = SimpleQueue()
        """Samples of a call, or None when verdicts are ready."""
        threading.Thread(target=self._serve, name="grade-rewards", daemon=True).start()

    def submit(self, pairs: Iterable[tuple[Problem, str]]) -> list[Answer]:
        """Queue completions; see `submit`."""
        samples = [(Item(problem, completion), Answer()) for problem, completion in pairs]
        for _, answer in samples:
            answer.set_running_or_notify_cancel()  # a caller that gives up can't cancel it
        require_testbenches(item.problem for item, _ in samples)
        if samples:
            self._inbox.put(samples)
        return [answer for _, answer in samples]

    def _serve(self) -> None:
        waiting: set[Answer] = set()
        pool: GradingPool[Answer] | None = None
        while True:
            new = self._arrived()
            waiting.update(answer for _, answer in new)
            try:
                if pool is None:
                    pool = GradingPool(notify=lambda: self._inbox.put(None))
                pool.submit_all(new)
                for answer, found in pool.ended():
                    waiting.discard(answer)
                    if isinstance(found, ItertlError):
                        answer.set_exception(found)
                    else:
                        answer.set_result(found)
                        warn_of_testbench(found)
            except Exception as error:  # which sample it comes from is not known
                if not isinstance(error, ItertlError):
                    error = RuntimeError(f"rewards can't be computed: {error!r}")
                for answer in waiting:
                    answer.set_exception(error)
                waiting.clear()
                if pool is not None:
                    with suppress(Exception):
                        pool.close()
                pool = None  # the next call tries a new one

    def _arrived(self) -> list[tuple[Item, Answer]]:
        """Wait for something to do; return all samples that have arrived by then."""
        samples = self._inbox.get() or []
        while True:
            try:
                samples += self._inbox.get_nowait() or []
            except Empty:
                return samples


_pool: RewardPool | None = None
_starting = threading.Lock()


def submit(pairs: Iterable[tuple[Problem, str]]) -> list[Answer]:
    """Queue completions for grading and return at once.

    Safe in any thread. The cores of the machine are shared by all calls of the process.

    Args:
        pairs: Problems and completions.

    Returns:
        A future for each verdict. It raises ItertlError if nothing can be graded here.

    Raises:
        InfrastructureError: A problem has no testbench; none is queued then.
    """
    global _pool
    with _starting:
        if _pool is None:
            _pool = RewardPool()
        pool = _pool
    return pool.submit(pairs)


def _forget() -> None:
    """Start anew in a forked process, to which the thread has not come along."""
    global _pool, _starting
    _pool, _starting = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
