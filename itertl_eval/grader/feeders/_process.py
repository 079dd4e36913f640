"""A grading process: `python -m itertl_eval.grader.feeders._process DESCRIPTOR JOBS`.

It grades what comes through its socket, in as many threads as it has workers, until its owner
hangs up.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from itertl_eval.grader._grade_item import grade_item
from itertl_eval.grader._item import Item
from itertl_eval.grader.feeders._message import dump_error, dump_verdict, read_problem
from itertl_eval.grader.worker import close_workers
from itertl_eval.problem import Problem


def main() -> None:
    """Serve the socket of this descriptor; see the module's docstring."""
    channel, jobs = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    sending = threading.Lock()

    def grade(number: int, item: Item) -> None:
        try:
            answer = dump_verdict(number, grade_item(item))
        except BaseException as error:
            answer = dump_error(number, error)
        with sending:
            channel.sendall(answer)

    problems: dict[int, Problem] = {}
    threads = ThreadPoolExecutor(jobs, thread_name_prefix="grade")
    for line in channel.makefile("rb"):
        message = json.loads(line)
        if (facts := message.get("problem")) is not None:
            problems[message["slot"]] = read_problem(facts)
        else:
            item = Item(problems[message["slot"]], **message["item"])
            threads.submit(grade, message["number"], item)
    close_workers()
    os._exit(0)


if __name__ == "__main__":
    main()
