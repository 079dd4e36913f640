"""The program of a feeder: it serves its owner, whatever a sample or a worker does."""

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from itertl_eval.grader import Item
from itertl_eval.grader.feeders._message import (
    GradingError,
    dump_item,
    dump_problem,
    verdict_of,
)
from itertl_eval.grader.feeders._process import _Loop
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Limits
from tests.designs import ADDER


def test_it_ends_when_its_owner_hangs_up():
    ours, theirs = socket.socketpair()
    module = "itertl_eval.grader.feeders._process"
    command = [sys.executable, "-m", module, str(theirs.fileno()), "2"]
    with theirs:
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()])
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(3)
    ours.close()
    assert process.wait(60) == 0


def test_it_says_why_it_ended_without_being_asked():
    ours, theirs = socket.socketpair()
    module = "itertl_eval.grader.feeders._process"
    command = [sys.executable, "-m", module, str(theirs.fileno()), "1"]
    with theirs:
        process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE)
    with ours:
        ours.sendall(b"{}\n")
        _, said = process.communicate(timeout=60)
    assert b"KeyError: 'slot'" in said


@pytest.fixture
def loop():
    """The loop of a grading process, which runs in a thread here once it is started."""
    ours, theirs = socket.socketpair()
    ours.settimeout(30)
    made = _Loop(theirs, 1)
    ended = []
    thread = threading.Thread(target=lambda: ended.append(made.serve()))
    with theirs:
        yield SimpleNamespace(made=made, channel=ours, start=thread.start)
        ours.close()
        thread.join(30)
    assert ended == [None]


@pytest.mark.simulator
def test_a_problem_that_cannot_be_read_costs_no_other_sample_its_verdict(loop):
    odd = replace(ADDER, limits=Limits(cpu=10.0))
    loop.start()
    loop.channel.sendall(dump_problem(0, odd) + dump_problem(1, ADDER))
    loop.channel.sendall(dump_item(0, 0, Item(odd, "")) + dump_item(1, 1, Item(ADDER, "")))
    with loop.channel.makefile("rb") as answers:
        refused, graded = json.loads(answers.readline()), json.loads(answers.readline())
    assert (refused["number"], graded["number"]) == (0, 1)
    with pytest.raises(GradingError, match=r"Limits.cpu can't be '10.0'"):
        verdict_of(refused)
    assert verdict_of(graded).stage == "extract"


@pytest.mark.simulator
def test_an_owner_that_reads_late_gets_all_answers(loop):
    """Both directions of the channel are full meanwhile."""
    loop.start()
    items = [dump_item(number, 0, Item(ADDER, "", number)) for number in range(4000)]
    loop.channel.sendall(dump_problem(0, ADDER) + b"".join(items))
    with loop.channel.makefile("rb") as answers:
        numbers = [json.loads(answers.readline())["number"] for _ in items]
    assert numbers == list(range(4000))


def test_a_worker_that_has_ended_is_forgotten_though_its_socket_is_open_elsewhere(loop):
    """As in a process that is being forked at that moment."""
    ours, worker = socket.socketpair()
    copy = os.dup(ours.fileno())
    (seat,) = loop.made._free
    seat.lease = SimpleNamespace(
        worker=ours, receive=lambda: pool.lost("ended"), close=lambda: (ours.close(), closed.set())
    )
    loop.made._seats[ours.fileno()] = seat
    loop.made._poll.register(ours, select.EPOLLIN)
    closed = threading.Event()
    worker.close()
    loop.start()
    assert closed.wait(30)
    time.sleep(0.05)  # for another look, which would find the copy
    os.close(copy)
