"""Grade for many requests at once, on one pool, in the thread of the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from math import ceil

from itertl_eval.errors import InfrastructureError, ItertlError
from itertl_eval.grader import GradingPool, Item, preflight, sample_seed
from itertl_eval.serve._pairs import NoTestbench, Pair, Testbenches
from itertl_eval.verdict import Verdict, ungraded, warn_of_testbench

Ready = asyncio.Queue[tuple[int, Verdict | ItertlError]]
Tag = tuple[Ready, int]
RECHECK = 5.0  # seconds


@dataclass(frozen=True)
class PairItem:
    """One completion for a pair, whose testbench may have to be made first; see `Item`."""

    pair: Pair
    completion: str
    sample: int = 0
    seed: int = 0
    cache: bool = True


class QueueFull(Exception):
    """There is no room for a request now; `seconds` is when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"the queue is full; try again in {seconds} s")
        self.seconds = seconds


class GradingQueue:
    """A bounded queue of samples in front of one GradingPool.

    All methods run in the thread of the event loop. The pool grades in its own threads and
    wakes the loop when a sample has ended.

    Args:
        jobs: Samples at a time; default: the cores that this process may use.
        capacity: Samples that may wait or run. A request that does not fit is refused whole.
    """

    def __init__(self, *, jobs: int | None = None, capacity: int = 4096) -> None:
        self._loop = asyncio.get_running_loop()
        self._pool: GradingPool[Tag] = GradingPool(jobs=jobs, notify=self._wake)
        self.jobs = self._pool.jobs
        self.capacity = capacity
        self._fault: ItertlError | None = None  # why the last sample could not be graded
        self._recheck = 0.0  # the earliest time to grade a good design after a fault
        self._testbenches = Testbenches(max(1, self.jobs // 2))
        self._preparing: set[asyncio.Task[None]] = set()
        self._unprepared = 0
        self._seconds = 1.0  # of wall time for one sample, a running mean

    @property
    def waiting(self) -> int:
        """Number of samples that wait or run."""
        return self._pool.left + self._unprepared

    def submit(
        self, items: Sequence[Item | PairItem], *, streamed: bool = False
    ) -> AsyncIterator[tuple[int, Verdict]]:
        """Accept a request and return its (index, verdict) pairs as they become ready.

        The samples are graded whether or not the caller continues to read.

        Args:
            items: The samples.
            streamed: Each verdict is sent at once. An error after the first one is then too late
                for a status, and becomes the `infra_error` of its sample.

        Raises:
            QueueFull: There is no room for all of them.
            ItertlError: From the iterator: nothing can be graded here.
        """
        if self.waiting + len(items) > self.capacity:
            raise QueueFull(max(1, ceil(self.waiting * self._seconds / self.jobs)))
        ready: Ready = asyncio.Queue()
        known: list[tuple[Item, Tag]] = []
        pairs: dict[Pair, list[tuple[PairItem, Tag]]] = defaultdict(list)
        for index, item in enumerate(items):
            if isinstance(item, Item):
                known.append((item, (ready, index)))
            else:
                pairs[item.pair].append((item, (ready, index)))
        self._pool.submit_all(known)
        for pair, samples in pairs.items():
            self._unprepared += len(samples)
            task = asyncio.create_task(self._prepare(pair, samples))
            self._preparing.add(task)
            task.add_done_callback(self._preparing.discard)
        return _verdicts(ready, items, streamed)

    async def _prepare(self, pair: Pair, samples: Sequence[tuple[PairItem, Tag]]) -> None:
        """Queue the samples of a pair when its testbench is there."""
        try:
            found = await self._testbenches.problem(pair)
            if not isinstance(found, NoTestbench):
                self._pool.submit_all(
                    (Item(found, each.completion, each.sample, each.seed, each.cache), tag)
                    for each, tag in samples
                )
                return
        except Exception as error:  # such as a full disk
            found = NoTestbench(f"no testbench was made: {type(error).__name__}: {error}", False)
        finally:
            self._unprepared -= len(samples)
        for each, (ready, index) in samples:
            ready.put_nowait((index, _ungraded(each, found.message, found.refused)))

    async def check(self) -> ItertlError | None:
        """Return why samples can't be graded, for example that the simulator is gone; or None.

        After a fault it grades a good design: a service that says it is broken may be sent
        nothing else that could show the opposite.
        """
        fault = self._fault
        if fault is not None and time.monotonic() >= self._recheck:
            self._recheck = time.monotonic() + RECHECK
            try:
                await asyncio.to_thread(preflight)
            except InfrastructureError as error:
                self._fault = error
            else:
                if self._fault is fault:
                    self._fault = None
        return self._fault

    def _wake(self) -> None:
        """Called by the pool in any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        ended = self._pool.ended()
        for (ready, index), found in ended:
            if isinstance(found, ItertlError):
                self._fault = found
            else:
                if not found.cached:
                    self._seconds += 0.05 * (found.seconds - self._seconds)
                if found.status != "infra_error":
                    self._fault = None
            ready.put_nowait((index, found))
        for _, found in ended:
            if isinstance(found, Verdict):
                warn_of_testbench(found)

    async def close(self) -> None:
        """End the pool and its workers. Samples that still wait are dropped."""
        for task in self._preparing:
            task.cancel()
        await self._testbenches.close()
        self._pool.close(now=True)


async def _verdicts(
    ready: Ready, items: Sequence[Item | PairItem], streamed: bool
) -> AsyncIterator[tuple[int, Verdict]]:
    for count in range(len(items)):
        index, found = await ready.get()
        if isinstance(found, ItertlError):
            if not (streamed and count):
                raise found
            found = _ungraded(items[index], f"not graded: {found}")
        yield index, found


def _ungraded(item: Item | PairItem, message: str, testbench_fault: bool = False) -> Verdict:
    task_id, seed = "", item.seed
    if isinstance(item, Item):
        task_id = item.problem.id
        seed = sample_seed(item.problem, item.completion, item.seed)
    return ungraded(task_id, item.sample, seed, message, testbench_fault)
