"""Feeders: grading processes give the verdicts that this process would, and lose nothing."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import InfrastructureError, grade
from itertl_eval.grader import GradingPool, Item, close_workers, grade_item
from itertl_eval.grader.feeders import Feeders, _executor, local_executor
from itertl_eval.grader.feeders._message import (
    GradingError,
)
from itertl_eval.problem import Limits
from tests.designs import ADDER, COUNTER

WRONG = ADDER.reference.replace("+", "-")


def test_few_workers_need_no_other_process():
    with local_executor(16) as few, local_executor(17) as many:
        assert not isinstance(few, Feeders)
        assert isinstance(many, Feeders)


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
