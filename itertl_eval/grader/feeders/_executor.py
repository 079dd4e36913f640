"""Feeders: an executor of grading processes, for machines with many cores.

What a process does for a sample (find the design, look it up, make the job, read the outcome)
costs it 0.3 to 0.4 ms of CPU time, and only one of its threads runs Python at a time. So a process
feeds up to 16 workers itself, with a thread for each. For more of them, grading processes do this
work in one thread each, and their owner only hands out completions and reads verdicts.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader._grade_item import grade_item
from itertl_eval.grader._item import Item
from itertl_eval.grader.feeders._message import (
    SLOTS,
    LineReader,
    dump_item,
    dump_problem,
    verdict_of,
)
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

_MOST_WITHOUT = 16
"""Up to this many workers this process feeds them itself."""
_WORKERS = 32
"""How many workers a grading process has at most; so many keep its thread two thirds busy."""
_AHEAD = 2
"""How many samples per worker a grading process holds, so that none waits for the next."""
_TRIES = 2
"""How often a sample is given to a grading process, if the process dies over it."""
_READ_BYTES = 1 << 18


def local_executor(jobs: int) -> Executor:
    """Return an executor for so many samples at a time on this machine."""
    if jobs > _MOST_WITHOUT:
        return Feeders(jobs)
    return ThreadPoolExecutor(jobs, thread_name_prefix="grade")


@dataclass(eq=False)
class _Task:
    item: Item
    future: Future[Verdict] = field(default_factory=Future)
    tries: int = 0


class _Feeder:
    """A grading process as its owner sees it."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.running: dict[int, _Task] = {}
        self.interrupted = False
        self._owner = os.getpid()
        self._problems: list[Problem | None] = [None] * SLOTS  # alive, or an id might return
        self._slots: dict[int, int] = {}
        self._next_slot = 0
        self._reader = LineReader()
        self.channel, theirs = socket.socketpair()
        package = Path(__file__).parents[3]
        path = filter(None, [str(package), os.environ.get("PYTHONPATH")])
        module = "itertl_eval.grader.feeders._process"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno()), str(jobs)],
                env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # an interrupt from the keyboard is the owner's to handle
            )
        pool.keep(self)

    @property
    def load(self) -> float:
        """Samples per worker that it holds."""
        return len(self.running) / self.jobs

    def lines(self, number: int, task: _Task) -> bytes:
        """Return what has to be sent for a sample. Changes nothing if that raises."""
        problem = task.item.problem
        slot = self._slots.get(id(problem), self._next_slot)
        lines = dump_item(number, slot, task.item)
        if id(problem) not in self._slots:
            lines = dump_problem(slot, problem) + lines
            self._next_slot = (slot + 1) % SLOTS
            self._slots.pop(id(self._problems[slot]), None)
            self._problems[slot], self._slots[id(problem)] = problem, slot
        self.running[number] = task
        return lines

    def read(self) -> list[dict[str, Any]] | None:
        """Return the messages that have arrived, or None if the process has ended."""
        try:
            data = self.channel.recv(_READ_BYTES)
        except OSError:
            return None
        return [json.loads(line) for line in self._reader.lines(data)] if data else None

    def close(self) -> None:
        """End the process and its workers at once. Idempotent."""
        if self._owner != os.getpid():  # inherited by a fork: it is the parent's
            return
        self.interrupted = True
        self._process.kill()
        self._process.wait()

    def hang_up(self) -> None:
        """Let the process end. Call it from the thread that reads."""
        pool.drop(self)
        self.channel.close()
        self._process.wait()


class Feeders(Executor):
    """Run `grade_item` in grading processes, which start when there is work for them.

    Args:
        jobs: Number of workers in all.
    """

    def __init__(self, jobs: int) -> None:
        count = -(-jobs // _WORKERS)
        self._shares = [jobs // count + (number < jobs % count) for number in range(count)]
        self._feeders: list[_Feeder] = []
        self._numbers = 0
        # Guarded by _lock:
        self._lock = threading.Lock()
        self._waiting: deque[_Task] = deque()
        self._closed = self._woken = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="grade-feed", daemon=True)
        self._thread.start()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue one item. `function` is `grade_item`, and the item its only argument."""
        if function is not grade_item or kwargs:
            raise ValueError("a grading process runs grade_item and nothing else")
        task = _Task(*args)
        with self._lock:
            if self._closed:
                raise RuntimeError("the executor is shut down")
            self._waiting.append(task)
        self._wake()
        return task.future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes when they have graded what they hold."""
        with self._lock:
            self._closed = True
            dropped = list(self._waiting) if cancel_futures else []
            if cancel_futures:
                self._waiting.clear()
        for task in dropped:
            task.future.cancel()
        self._wake()
        if wait:
            self._thread.join()

    def _wake(self) -> None:
        with self._lock:
            if self._woken:
                return
            self._woken = True
        with suppress(OSError):  # the thread has ended
            self._button.send(b"!")

    # -- in the executor's own thread ---------------------------------------------------------

    def _serve(self) -> None:
        try:
            self._loop()
        except Exception as error:  # such as a process that can't be started
            self._fail(InfrastructureError(f"the grading processes failed: {error!r}"))
        for feeder in self._feeders:
            feeder.hang_up()
        for opened in (self._selector, self._bell, self._button):
            opened.close()

    def _fail(self, error: InfrastructureError) -> None:
        """Give up all samples, and take no more."""
        with self._lock:
            self._closed = True
            tasks = [*self._waiting, *(task for f in self._feeders for task in f.running.values())]
        for task in tasks:
            if not task.future.cancelled():
                task.future.set_exception(error)

    def _loop(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    self._bell.recv(64)
                    with self._lock:
                        self._woken = False
                else:
                    self._receive(key.data)
            self._hand_out()
            with self._lock:
                if self._closed and not self._waiting and not any(f.running for f in self._feeders):
                    return

    def _receive(self, feeder: _Feeder) -> None:
        answers = feeder.read()
        for answer in answers or ():
            task = feeder.running.pop(answer["number"])
            try:
                verdict = verdict_of(answer)
            except Exception as error:
                task.future.set_exception(error)
            else:
                task.future.set_result(verdict)
        if answers is None:
            self._lose(feeder)

    def _lose(self, feeder: _Feeder) -> None:
        """Give the samples of a process that has ended to another one."""
        self._selector.unregister(feeder.channel)
        self._feeders.remove(feeder)
        self._shares.append(feeder.jobs)
        feeder.hang_up()
        for task in reversed(feeder.running.values()):
            if feeder.interrupted:
                task.future.set_exception(pool.Interrupted())
            elif task.tries < _TRIES:
                with self._lock:
                    self._waiting.appendleft(task)
            else:
                task.future.set_exception(RuntimeError("the grading process ended over it"))

    def _hand_out(self) -> None:
        """Give each process as many samples as it should hold, in one message."""
        messages: dict[_Feeder, list[bytes]] = {}
        failed: list[_Task] = []
        with self._lock:
            while self._waiting:
                try:
                    feeder = self._free()
                except OSError as error:  # later samples try again
                    reason = InfrastructureError(f"no grading process could be started: {error}")
                    failed = list(self._waiting)
                    self._waiting.clear()
                    break
                if feeder is None:
                    break
                task = self._waiting.popleft()
                if task.tries or task.future.set_running_or_notify_cancel():
                    task.tries += 1
                    self._numbers += 1
                    try:
                        lines = feeder.lines(self._numbers, task)
                    except Exception as error:  # it holds something that JSON can't
                        task.future.set_exception(error)
                    else:
                        messages.setdefault(feeder, []).append(lines)
        for task in failed:
            if task.tries or task.future.set_running_or_notify_cancel():
                task.future.set_exception(reason)
        for feeder, parts in messages.items():
            with suppress(OSError):  # it has ended, which reading will show
                feeder.channel.sendall(b"".join(parts))

    def _free(self) -> _Feeder | None:
        """Return the process with the fewest samples per worker; start one if all are busy.

        Raises OSError if there is none and none can be started.
        """
        least = min(self._feeders, key=lambda feeder: feeder.load, default=None)
        if (least is None or least.load >= 1) and self._shares:
            try:
                least = _Feeder(self._shares[-1])
            except OSError:
                if least is None:
                    raise
            else:
                self._shares.pop()
                self._feeders.append(least)
                self._selector.register(least.channel, selectors.EVENT_READ, least)
        return least if least is not None and least.load < _AHEAD else None
