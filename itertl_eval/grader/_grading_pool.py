"""GradingPool: grade samples in parallel, here or on any executor."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from heapq import heappop, heappush
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from itertl_eval.errors import InfrastructureError, ItertlError
from itertl_eval.grader._grade_item import grade_item
from itertl_eval.grader._item import Item, require_testbenches, sample_seed
from itertl_eval.grader._reference import known_seconds
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.executors import default_jobs
from itertl_eval.grader.feeders import local_executor
from itertl_eval.grader.worker import close_workers
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict, ungraded, warn_of_testbench

WINDOW = 256
"""How many samples are ordered by their expected time, longest first."""
AHEAD = 4
"""How many samples per job an executor holds, so that none of its processes waits for work."""

Tag = TypeVar("Tag")


@dataclass
class _Entry(Generic[Tag]):
    """A sample that waits or runs, and the equal samples that share its verdict."""

    item: Item
    tag: Tag
    key: tuple[object, ...] | None
    equal: list[tuple[Item, Tag]] = field(default_factory=list)


class GradingPool(Generic[Tag]):
    """Grade samples in parallel and hand back (tag, verdict) in the order they finish.

    Submitting and collecting take constant time per sample, however many wait. Equal samples
    that are in the pool at the same time are graded once (unless `Item.cache` is off). A sample
    that the executor loses gets the status "infra_error". Of each `window` samples in a row,
    those that are expected to take longest start first.

    Use it from one thread, as a context manager or with `close` at the end. The samples run in
    the background, whether or not anyone collects.

    Args:
        jobs: Number of samples at a time. Default: what the executor gives as `workers`, else
            `default_jobs()`.
        executor: Runs the samples instead of threads and workers of this process; the caller
            shuts it down.
        window: See above.
        notify: Called in any thread when a verdict is ready for `done`. Must not block.
    """

    def __init__(
        self,
        *,
        jobs: int | None = None,
        executor: Executor | None = None,
        window: int = WINDOW,
        notify: Callable[[], object] | None = None,
    ) -> None:
        self.jobs: int = jobs or getattr(executor, "workers", None) or default_jobs()
        self._own = executor is None
        self._executor = executor or local_executor(self.jobs)
        self._window = max(window, 1)
        self._notify = notify
        # Only the owner's thread uses these:
        self._count = self._left = 0
        self._errors: deque[ItertlError] = deque()  # that `done` has not raised yet
        self._expected: dict[str, float] = {}
        self._equal: dict[tuple[object, ...], _Entry[Tag]] = {}
        # Guarded by _changed:
        self._changed = threading.Condition()
        self._at_once = self.jobs
        self._waiting: list[tuple[int, float, int, _Entry[Tag]]] = []
        self._held = 0
        self._futures: set[Future[Verdict]] = set()
        self._closed = False
        # One thread at a time hands samples to the executor. The first hand-over happens in the
        # owner's thread, because a process pool forks there.
        self._handing_over = threading.Lock()
        self._ended: SimpleQueue[tuple[_Entry[Tag], Future[Verdict]]] = SimpleQueue()
        self._refill = threading.Thread(target=self._keep_busy, name="grade-refill", daemon=True)
        self._refill.start()

    def __enter__(self) -> GradingPool[Tag]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close(now=kind is not None and issubclass(kind, KeyboardInterrupt | SystemExit))

    @property
    def at_once(self) -> int:
        """Number of samples that may run at the same time: `jobs`, or less if it was set to less.

        It can be changed at any time; a lower number holds for samples that start afterwards.
        """
        return self._at_once

    @at_once.setter
    def at_once(self, count: int) -> None:
        with self._changed:
            self._at_once = max(1, min(count, self.jobs))
            self._changed.notify_all()

    @property
    def left(self) -> int:
        """Number of samples that have been neither returned nor raised yet."""
        return self._left + len(self._errors)

    def submit(self, item: Item, tag: Tag) -> None:
        """Queue one sample and return at once; `done` gives its verdict together with `tag`."""
        self.submit_all([(item, tag)])

    def submit_all(self, samples: Iterable[tuple[Item, Tag]]) -> None:
        """Queue several samples, of which the longest starts first.

        Raises:
            InfrastructureError: Some of the problems have no testbench; none is queued then.
        """
        samples = list(samples)
        require_testbenches(item.problem for item, _ in samples if item.protocol != "official")
        fresh = []
        problems = {id(item.problem): item.problem for item, _ in samples}
        # First of all, because a digest looks at the testbench's files, which may fail:
        digests = {key: problem.digest for key, problem in problems.items()}
        for item, tag in samples:
            self._left += 1
            problem, digest = item.problem, digests[id(item.problem)]
            key = _key(item, digest) if item.cache else None
            if key is not None and (entry := self._equal.get(key)) is not None:
                entry.equal.append((item, tag))
                continue
            entry = _Entry(item, tag, key)
            if key is not None:
                self._equal[key] = entry
            batch, place = divmod(self._count, self._window)
            if place == 0:
                self._expected.clear()
            fresh.append((batch, -self._seconds(problem, digest), self._count, entry))
            self._count += 1
        with self._changed:
            for queued in fresh:
                heappush(self._waiting, queued)
        self._hand_over()

    def done(self, wait: bool = False) -> list[tuple[Tag, Verdict]]:
        """Return the verdicts that are ready and were not returned before.

        Args:
            wait: Block until there is at least one, unless no sample is left.

        Raises:
            ItertlError: Nothing can be graded at all, for example without a simulator. What was
                ready beside it has been returned; what is left can still be asked for.
        """
        ready: list[tuple[Tag, Verdict]] = []
        for tag, found in [] if self._errors else self.ended(wait):
            if isinstance(found, ItertlError):
                self._errors.append(found)
            else:
                ready.append((tag, found))
                warn_of_testbench(found)
        if self._errors and not ready:
            raise self._errors.popleft()
        return ready

    def ended(self, wait: bool = False) -> list[tuple[Tag, Verdict | ItertlError]]:
        """Like `done`, but return each error in place of its verdict instead of raising it.

        For a pool that several callers share, each of whom should hear of its own samples only. Use
        either this or `done`. It does not warn of broken testbenches.

        Args:
            wait: As in `done`.
        """
        ready: list[tuple[Tag, Verdict | ItertlError]] = []
        while self._left:
            try:
                entry, future = self._ended.get(block=wait and not ready)
            except Empty:
                break
            self._left -= 1 + len(entry.equal)
            if entry.key is not None:
                del self._equal[entry.key]
            found = _verdict(entry.item, future)
            ready.append((entry.tag, found))
            if isinstance(found, ItertlError):
                ready += [(tag, found) for _, tag in entry.equal]
                continue
            known = found.cached or found.status != "infra_error"
            for item, tag in entry.equal:
                ready.append((tag, replace(found, sample=item.sample, cached=known)))
        return ready

    def close(self, *, now: bool = False) -> None:
        """Drop the samples that wait and end the threads. Idempotent.

        Args:
            now: Also end the samples that are running, instead of waiting for them.
        """
        with self._changed:
            self._closed = True
            self._waiting.clear()
            futures = list(self._futures)
            self._changed.notify_all()
        if now:
            close_workers()
        for future in futures:
            future.cancel()
        if self._own:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._refill.join()

    def _seconds(self, problem: Problem, digest: str) -> float:
        """Return the time that the problem's reference took; infinity if nothing is known.

        A problem that never ran here may be a long one, and its other samples then profit from
        the time that the first one measures.
        """
        if digest not in self._expected:
            try:
                known = known_seconds(problem, digest, find_icarus())
            except (InfrastructureError, OSError):  # not here; the executor may have one elsewhere
                known = None
            self._expected[digest] = float("inf") if known is None else known
        return self._expected[digest]

    @property
    def _limit(self) -> int:
        """How many samples the executor should hold."""
        return self._at_once if self._at_once < self.jobs else AHEAD * self.jobs

    def _has_room(self) -> bool:
        """Return whether it is worth waking up to hand over more samples."""
        spare = self.jobs if self._at_once >= self.jobs else 1
        return bool(self._waiting) and self._held <= self._limit - spare

    def _hand_over(self) -> None:
        """Give the executor as many samples as it should hold."""
        with self._handing_over:
            while True:
                with self._changed:
                    if self._closed or not self._waiting or self._held >= self._limit:
                        return
                    entry = heappop(self._waiting)[-1]
                    self._held += 1
                try:
                    future = self._executor.submit(grade_item, entry.item)
                except Exception as error:  # what an executor raises when its processes are gone
                    future = Future()
                    future.set_exception(error)
                with self._changed:
                    self._futures.add(future)
                future.add_done_callback(partial(self._collect, entry))

    def _collect(self, entry: _Entry[Tag], future: Future[Verdict]) -> None:
        """Called in any thread. Must not submit: some executors hold their lock here."""
        self._ended.put((entry, future))
        with self._changed:
            self._held -= 1
            self._futures.discard(future)
            if self._closed or self._has_room():
                self._changed.notify_all()
        if self._notify is not None:
            self._notify()

    def _keep_busy(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._has_room())
                if self._closed:
                    return
            self._hand_over()


def _key(item: Item, digest: str) -> tuple[object, ...]:
    facts = item.completion, item.seed, item.protocol, item.partial, item.order
    return item.problem.suite, digest, *facts, *item.most_ns.items()


def _verdict(item: Item, future: Future[Verdict]) -> Verdict | ItertlError:
    try:
        return future.result()
    except ItertlError as error:
        return error
    except Exception as error:  # the executor lost the sample: nothing is known of the design
        seed = sample_seed(item.problem, item.completion, item.seed)
        message = f"not graded: {type(error).__name__}: {str(error)[:1000]}"
        return ungraded(item.problem.id, item.sample, seed, message)
