"""Feeders: grading processes give the verdicts that this process would, and lose nothing."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from itertl_eval import InfrastructureError, grade
from itertl_eval._util.wire import WireError
from itertl_eval.grader import GradingPool, Item, close_workers, grade_item
from itertl_eval.grader.feeders import Feeders, _executor, local_executor
from itertl_eval.grader.feeders._message import (
    GradingError,
    LineReader,
    dump_error,
    dump_item,
    dump_problem,
    read_problem,
    verdict_of,
)
from itertl_eval.grader.feeders._process import _Loop
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Limits, PublishedBench
from itertl_eval.suites import load_suite, suite_names
from tests.designs import ADDER, COUNTER
from tests.suites.cvdp_rows import lines, row

WRONG = ADDER.reference.replace("+", "-")


def sent(problem):
    return read_problem(json.loads(dump_problem(3, problem))["problem"])


def test_a_problem_arrives_as_it_was_sent():
    bench = PublishedBench("rtllm", "test", rejected_by=frozenset({"11"}), files={"a": b"\xff\0"})
    problem = replace(ADDER, published=bench, parameters=({"W": 4}, {}), readmem=(ADDER.testbench,))
    assert problem.digest  # which is remembered in the problem, and not sent
    assert sent(problem) == problem
    assert sent(problem).digest == problem.digest


@pytest.mark.parametrize(
    "suite",
    ["rtl_core", *(pytest.param(n, marks=pytest.mark.data) for n in suite_names())],
)
def test_every_problem_arrives_as_it_was_sent(suite):
    try:
        problems = list(load_suite(suite).values())
    except InfrastructureError as error:
        pytest.skip(str(error))
    assert problems
    assert [sent(problem) for problem in problems] == problems
    assert [sent(problem).digest for problem in problems] == [one.digest for one in problems]


def test_a_problem_with_a_harness_arrives_as_it_was_sent(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(lines(row()))
    (problem,) = load_suite(str(file)).values()
    assert problem.harness
    assert sent(problem) == problem
    assert sent(problem).digest == problem.digest


def test_a_problem_of_another_form_is_refused():
    with pytest.raises(WireError, match="no field 'secret'"):
        read_problem({"secret": 1})


@pytest.mark.parametrize(
    ("error", "kind"), [(InfrastructureError("no tool"), InfrastructureError), (KeyError(3), None)]
)
def test_errors_arrive_with_their_kind(error, kind):
    with pytest.raises(kind or GradingError, match="no tool" if kind else "KeyError: 3"):
        verdict_of(json.loads(dump_error(1, error)))


def test_few_workers_need_no_other_process():
    with local_executor(16) as few, local_executor(17) as many:
        assert not isinstance(few, Feeders)
        assert isinstance(many, Feeders)


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
def test_a_problem_that_cannot_be_sent_costs_no_other_sample_its_verdict():
    odd = replace(ADDER, environment={"A": object()})
    with Feeders(1) as feeders:
        futures = [
            feeders.submit(grade_item, Item(problem, "")) for problem in (ADDER, odd, odd, ADDER)
        ]
        for future in futures[1:3]:
            with pytest.raises(TypeError):
                future.result(60)
        assert [futures[n].result(60).stage for n in (0, 3)] == ["extract"] * 2


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


def test_it_runs_nothing_but_grade_item():
    with Feeders(1) as feeders, pytest.raises(ValueError, match="nothing else"):
        feeders.submit(os.getpid)


def test_a_process_that_cannot_start_is_an_infrastructure_error(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no more processes")

    with Feeders(1) as feeders:
        with monkeypatch.context() as full:
            full.setattr("itertl_eval.grader.feeders._executor.subprocess.Popen", refuse)
            futures = [feeders.submit(grade_item, Item(ADDER, "")) for _ in range(2)]
            for future in futures:
                with pytest.raises(InfrastructureError, match="no more processes"):
                    future.result(30)
        later = feeders.submit(grade_item, Item(ADDER, ""))
        assert later.result(60).stage == "extract"


def test_a_process_does_the_work_of_another_that_cannot_start(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no more processes")

    with Feeders(2 * _executor._WORKERS) as feeders:
        assert feeders.submit(grade_item, Item(ADDER, "")).result(60).stage == "extract"
        monkeypatch.setattr("itertl_eval.grader.feeders._executor.subprocess.Popen", refuse)
        futures = [feeders.submit(grade_item, Item(ADDER, "")) for _ in range(100)]
        assert {future.result(60).stage for future in futures} == {"extract"}


@pytest.mark.simulator
def test_verdicts_are_those_of_this_process():
    texts = [ADDER.reference, WRONG, "assign = ;", "module adder; endmodule"]
    items = [Item(ADDER, text, number, cache=False) for number, text in enumerate(texts)]
    items.append(Item(COUNTER, COUNTER.reference, 9, seed=5, cache=False, partial=False))
    with Feeders(2) as feeders, GradingPool[int](jobs=2, executor=feeders) as pool:
        pool.submit_all((item, number) for number, item in enumerate(items))
        found = []
        while pool.left:
            found += pool.done(wait=True)
    assert len(found) == len(items)
    for number, verdict in found:
        item = items[number]
        here = grade_item(item)
        assert verdict == replace(here, seconds=verdict.seconds)
    assert {verdict.stage for _, verdict in found} == {"pass", "simulate", "syntax", "interface"}


@pytest.mark.simulator
def test_samples_of_a_killed_process_go_to_another():
    with Feeders(1) as feeders:
        waiting = [
            feeders.submit(grade_item, Item(ADDER, f"// {n}\n{ADDER.reference}", n, cache=False))
            for n in range(3)
        ]
        assert waiting[0].result(60).passed
        (feeder,) = feeders._feeders
        os.kill(feeder._process.pid, signal.SIGKILL)
        assert all(future.result(60).passed for future in waiting)


@pytest.mark.simulator
def test_a_job_that_cannot_be_sent_costs_no_other_sample_its_verdict():
    endless = replace(ADDER, limits=Limits(wall=float("inf")))
    with Feeders(1) as feeders:
        futures = [
            feeders.submit(grade_item, Item(problem, ADDER.reference, cache=False))
            for problem in (ADDER, endless)
        ]
        assert futures[0].result(60).passed
        with pytest.raises(GradingError, match="OverflowError"):
            futures[1].result(60)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_come_whole_however_they_are_cut(size):
    data = b"a\n\nlonger line\n" + b"x" * 20 + b"\nopen"
    reader = LineReader()
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    lines = [line for piece in pieces for line in reader.lines(piece)]
    assert lines == data.split(b"\n")[:-1]
    assert reader.lines(b" end\n") == [b"open end"]


@pytest.mark.simulator
def test_equal_designs_and_long_completions_wait_for_nobody():
    """A sample that has to wait for another's verdict, or takes long, does not stop the rest."""
    new = ADDER.reference.replace("endmodule", f"// {os.urandom(8).hex()}\nendmodule")
    texts = [f"{number}\n```verilog\n{new}```\n" for number in range(4)]  # one design
    texts += [f"{number}{' prose' * 50_000}\n```verilog\n{new}```\n" for number in range(4)]
    with Feeders(2) as feeders:
        futures = [
            feeders.submit(grade_item, Item(ADDER, text, number))
            for number, text in enumerate(texts)
        ]
        verdicts = [future.result(120) for future in futures]
    assert [verdict.passed for verdict in verdicts] == [True] * 8
    assert [verdict.sample for verdict in verdicts] == list(range(8))
    assert [verdict.cached for verdict in verdicts].count(True) == 7


@pytest.mark.simulator
def test_a_killed_worker_is_replaced():
    def children(pid):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}

    def working(pid):
        """The worker that simulates: it has a child more than an idle one."""
        others = children(pid) - {idle}
        return [other for other in others if len(children(other)) > at_rest]

    with Feeders(1) as feeders:
        first = feeders.submit(grade_item, Item(ADDER, ADDER.reference, cache=False)).result(60)
        (feeder,) = feeders._feeders
        (idle,) = children(feeder._process.pid)
        time.sleep(0.5)
        at_rest = len(children(idle))
        os.kill(idle, signal.SIGKILL)
        time.sleep(0.5)
        long = "integer i; initial for (i = 0; i < 150_000; i = i + 1); endmodule"
        slow = ADDER.reference.replace("endmodule", long)
        killed = feeders.submit(grade_item, Item(ADDER, slow, cache=False))
        again = feeders.submit(grade_item, Item(ADDER, ADDER.reference, cache=False))
        deadline = time.monotonic() + 60
        while not (found := working(feeder._process.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        (busy,) = found
        os.kill(busy, signal.SIGKILL)
        assert killed.result(120).passed  # it is given to another worker
        assert again.result(60) == replace(first, seconds=again.result().seconds)


@pytest.mark.simulator
def test_closing_all_workers_interrupts_what_runs():
    endless = ADDER.reference.replace("endmodule", "initial forever #1; endmodule")
    with Feeders(1) as feeders:
        future = feeders.submit(grade_item, Item(ADDER, endless, cache=False))
        deadline = time.monotonic() + 60
        while not future.running() and time.monotonic() < deadline:
            time.sleep(0.01)
        close_workers()
        with pytest.raises(InfrastructureError, match="interrupted"):
            future.result(60)
        again = feeders.submit(grade_item, Item(ADDER, ADDER.reference, cache=False))
        assert again.result(60) == replace(
            grade(ADDER, ADDER.reference, cache=False), seconds=again.result().seconds
        )
