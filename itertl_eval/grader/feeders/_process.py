"""A grading process: `python -m itertl_eval.grader.feeders._process DESCRIPTOR JOBS`.

It grades what comes through its socket until its owner hangs up. One thread keeps all workers
busy, because threads that take turns would spend as much time on that as on the samples. What
takes long, such as the start of a worker, happens in other threads.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import sys
import time
import traceback
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from itertl_eval._util.wire import WireError
from itertl_eval.grader._grade_item import Steps, finish, grading
from itertl_eval.grader._item import Item
from itertl_eval.grader._job import Job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.feeders._message import (
    LineReader,
    dump_error,
    dump_verdict,
    read_problem,
)
from itertl_eval.grader.worker import close_workers, pool
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

_READ_BYTES = 1 << 18
_CHECK_SECONDS = 1.0
"""How often the loop looks for workers that have not answered in time."""


def main() -> None:
    """Serve the socket of this descriptor; see the module's docstring."""
    channel, jobs = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # what a sample needs has no cycles as a rule
    try:
        _Loop(channel, jobs).serve()
    except BaseException:  # the owner gives the samples to another process
        traceback.print_exc()
    finally:
        close_workers()
        os._exit(0)


@dataclass(eq=False)
class _Seat:
    """A worker and the sample that it works on.

    `lease` is None without a worker. `job` is what its worker runs for the loop, None if
    it is idle or another thread has it.
    """

    lease: pool.Lease | None = None
    number: int = 0
    steps: Steps[Verdict] | None = None
    job: Job | None = None
    deadline: float = 0.0


class _Loop:
    """Takes samples from the channel, gives their jobs to workers, and sends the verdicts."""

    def __init__(self, channel: socket.socket, jobs: int) -> None:
        self._channel = channel
        self._channel.setblocking(False)  # or both ends could wait for each other
        self._problems: dict[int, Problem | WireError] = {}
        self._reader = LineReader()
        self._waiting: deque[tuple[int, Item]] = deque()
        self._answers = bytearray()
        self._blocked = False
        self._free = [_Seat() for _ in range(jobs)]  # the last first, so that few workers start
        self._seats: dict[int, _Seat] = {}
        """The seats whose workers the loop listens to, by descriptor."""
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="grade")
        self._ended: deque[tuple[_Seat, bytes]] = deque()
        self._bell, self._button = socket.socketpair()
        self._poll = select.epoll()
        self._poll.register(channel, select.EPOLLIN)
        self._poll.register(self._bell, select.EPOLLIN)

    def serve(self) -> None:
        """Grade until the owner hangs up."""
        channel, bell = self._channel.fileno(), self._bell.fileno()
        check = 0.0
        while True:
            for descriptor, _ in self._poll.poll(_CHECK_SECONDS):
                if descriptor == channel:
                    if not self._read():
                        return
                elif descriptor == bell:
                    self._collect()
                else:
                    self._receive(self._seats[descriptor])
            if (now := time.monotonic()) >= check:
                check = now + _CHECK_SECONDS
                self._give_up(now)
            while self._waiting and self._free:
                self._start(self._free.pop(), *self._waiting.popleft())
            if self._answers:
                self._send()

    # -- the owner --------------------------------------------------------------------------------

    def _read(self) -> bool:
        """Take what the owner has sent. Returns False if it has hung up."""
        try:
            data = self._channel.recv(_READ_BYTES)
        except BlockingIOError:  # only writable again
            return True
        except OSError:
            return False
        for line in self._reader.lines(data):
            message = json.loads(line)
            slot = message["slot"]
            if (facts := message.get("problem")) is not None:
                try:
                    self._problems[slot] = read_problem(facts)
                except WireError as error:
                    self._problems[slot] = error
            elif isinstance(problem := self._problems[slot], WireError):
                self._answers += dump_error(message["number"], problem)
            else:
                self._waiting.append((message["number"], Item(problem, **message["item"])))
        return bool(data)

    def _send(self) -> None:
        """Send as many answers as the channel takes now."""
        with suppress(OSError):  # full, or the owner has hung up, which reading will show
            del self._answers[: self._channel.send(self._answers)]
        if self._blocked != bool(self._answers):
            self._blocked = bool(self._answers)
            events = select.EPOLLIN | select.EPOLLOUT if self._blocked else select.EPOLLIN
            self._poll.modify(self._channel, events)

    # -- the workers ------------------------------------------------------------------------------

    def _start(self, seat: _Seat, number: int, item: Item) -> None:
        seat.number, seat.steps = number, grading(item)
        self._advance(seat, None)

    def _advance(self, seat: _Seat, outcome: Outcome | None) -> None:
        """Take a sample's next step, and start the job that it asks for."""
        assert seat.steps is not None
        seat.job = None
        try:
            job = seat.steps.send(outcome)
        except StopIteration as end:
            self._finish(seat, dump_verdict(seat.number, end.value))
            return
        except BaseException as error:
            self._finish(seat, dump_error(seat.number, error))
            return
        lease = seat.lease
        if job is None or lease is None or lease.worker.only_runs:
            self._hand_over(seat, job, None)
        elif (lost := lease.send(job)) is not None:
            self._hand_over(seat, job, lost)
        else:
            seat.job, seat.deadline = job, time.monotonic() + lease.worker.patience

    def _receive(self, seat: _Seat) -> None:
        assert seat.lease is not None
        outcome = seat.lease.receive()
        if outcome is None:
            return
        if seat.job is None:  # it has ended without a job; the seat's next sample starts another
            self._stop_listening(seat)
            seat.lease.close()
            seat.lease = None
        elif outcome.retry:
            self._hand_over(seat, seat.job, outcome)
        else:
            self._advance(seat, outcome)

    def _give_up(self, now: float) -> None:
        """Take the samples from workers that have not answered in time."""
        for seat in [each for each in self._seats.values() if each.job is not None]:
            if seat.deadline < now:
                self._hand_over(seat, seat.job, pool.lost("timed out"))

    def _stop_listening(self, seat: _Seat) -> None:
        """Stop listening to the worker of the seat, if the loop does."""
        if seat.lease is not None and seat.lease.worker.fileno() in self._seats:
            # Closing it is not enough while a process that is being forked has it open too.
            self._poll.unregister(seat.lease.worker)
            del self._seats[seat.lease.worker.fileno()]

    def _finish(self, seat: _Seat, answer: bytes) -> None:
        seat.steps = None
        self._answers += answer
        self._free.append(seat)

    # -- other threads ----------------------------------------------------------------------------

    def _hand_over(self, seat: _Seat, job: Job | None, tried: Outcome | None) -> None:
        """Have another thread grade the sample to its end."""
        seat.job = None
        self._stop_listening(seat)
        self._threads.submit(self._finish_there, seat, job, tried)

    def _finish_there(self, seat: _Seat, job: Job | None, tried: Outcome | None) -> None:
        assert seat.steps is not None
        pool.begin()
        pool.give_lease(seat.lease)
        try:
            answer = dump_verdict(seat.number, finish(seat.steps, job, tried))
        except BaseException as error:
            answer = dump_error(seat.number, error)
        seat.lease = pool.take_lease()
        self._ended.append((seat, answer))
        self._button.send(b"!")

    def _collect(self) -> None:
        """Take back the seats of the samples that other threads have graded."""
        self._bell.recv(64)
        while self._ended:
            seat, answer = self._ended.popleft()
            if seat.lease is not None and not seat.lease.worker.only_runs:
                self._seats[seat.lease.worker.fileno()] = seat
                self._poll.register(seat.lease.worker, select.EPOLLIN)
            self._finish(seat, answer)


if __name__ == "__main__":
    main()
