"""A grading process: `python -m itertl_eval.grader.feeders._process DESCRIPTOR JOBS`.

It grades what comes through its socket, in as many threads as it has workers, until its owner
hangs up.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import threading
from contextlib import suppress

from itertl_eval.grader._grade_item import grade_item
from itertl_eval.grader._item import Item
from itertl_eval.grader.feeders._message import dump_error, dump_verdict, read_problem
from itertl_eval.grader.worker import close_workers
from itertl_eval.problem import Problem


def main() -> None:
    """Serve the socket of this descriptor; see the module's docstring."""
    channel, jobs = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    _Graders(channel, jobs).add()
    hung_up = select.poll()
    hung_up.register(channel, 0)
    hung_up.poll()
    close_workers()
    os._exit(0)


class _Graders:
    """Threads that take samples from the channel by turns, more of them as long as all are busy.

    A thread that has graded one finds the next in the buffer, so no other thread has to wake up.
    """

    def __init__(self, channel: socket.socket, jobs: int) -> None:
        self._channel = channel
        self._lines = channel.makefile("rb", buffering=1 << 16)
        self._problems: dict[int, Problem] = {}
        self._more = jobs
        self._idle: list[None] = []
        self._taking, self._sending = threading.Lock(), threading.Lock()

    def add(self) -> None:
        """Start one more thread."""
        self._more -= 1
        threading.Thread(target=self._run, name="grade", daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):  # the owner has hung up, which ends the process
            while (sample := self._take()) is not None:
                answer = _grade(*sample)
                with self._sending:
                    self._channel.sendall(answer)

    def _take(self) -> tuple[int, Item] | None:
        """Return the next sample and its number, or None after the last one."""
        self._idle.append(None)
        with self._taking:
            for line in self._lines:
                message = json.loads(line)
                if (facts := message.get("problem")) is not None:
                    self._problems[message["slot"]] = read_problem(facts)
                    continue
                self._idle.pop()
                if self._more and not self._idle:
                    self.add()
                return message["number"], Item(self._problems[message["slot"]], **message["item"])
        return None


def _grade(number: int, item: Item) -> bytes:
    try:
        return dump_verdict(number, grade_item(item))
    except BaseException as error:
        return dump_error(number, error)


if __name__ == "__main__":
    main()
