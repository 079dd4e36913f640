"""GradingPool: samples in, (tag, verdict) out, whatever the executor does."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import InfrastructureError
from itertl_eval.grader import GradingPool, Item, default_jobs
from itertl_eval.problem import Problem
from tests.designs import ADDER, COUNTER
from tests.verdicts import verdict

VERDICT = verdict(task_id="adder", score=1.0, cases_passed=1, cases_total=1)


class FakeGrader:
    """Stands in for the grader: notes what runs, and waits until it may end."""

    def __init__(self, monkeypatch, *, blocked=False, seconds=None):
        self.seen = []
        self.running = self.most = 0
        self.go = threading.Event()
        self._lock = threading.Lock()
        if not blocked:
            self.go.set()
        seconds = seconds or {}
        monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", self)
        monkeypatch.setattr(
            "itertl_eval.grader._grading_pool.known_seconds",
            lambda problem, *_: seconds.get(problem.id, 1.0),
        )

    def __call__(self, item):
        with self._lock:
            self.seen.append(item)
            self.running += 1
            self.most = max(self.most, self.running)
        assert self.go.wait(10)
        with self._lock:
            self.running -= 1
        return replace(VERDICT, task_id=item.problem.id, sample=item.sample)


def collect(pool):
    ready = []
    while pool.left:
        ready += pool.done(wait=True)
    return ready


def test_each_sample_comes_back_once_with_its_tag(monkeypatch):
    FakeGrader(monkeypatch)
    with GradingPool[str](jobs=3) as pool:
        for n in range(50):
            pool.submit(Item(ADDER, f"// {n}", n), f"tag {n}")
        ready = collect(pool)
        assert pool.done(wait=True) == []
    assert sorted(tag for tag, _ in ready) == sorted(f"tag {n}" for n in range(50))
    assert all(tag == f"tag {verdict.sample}" for tag, verdict in ready)


def test_asking_without_waiting_returns_at_once(monkeypatch):
    grader = FakeGrader(monkeypatch, blocked=True)
    with GradingPool[int](jobs=1) as pool:
        pool.submit(Item(ADDER, ""), 7)
        assert pool.done() == []
        assert pool.left == 1
        grader.go.set()
        assert [tag for tag, _ in pool.done(wait=True)] == [7]


def test_equal_samples_are_graded_once_and_numbered_apart(monkeypatch):
    grader = FakeGrader(monkeypatch, blocked=True)
    with GradingPool[int](jobs=2) as pool:
        pool.submit_all((Item(ADDER, "same", n), n) for n in range(5))
        pool.submit(Item(COUNTER, "same", 9), 9)
        grader.go.set()
        ready = collect(pool)
    assert len(grader.seen) == 2
    assert sorted(tag for tag, _ in ready) == [0, 1, 2, 3, 4, 9]
    assert all(tag == verdict.sample for tag, verdict in ready)
    assert [verdict.cached for tag, verdict in sorted(ready)] == [False, *[True] * 4, False]


def test_samples_with_different_budgets_are_not_equal(monkeypatch):
    grader = FakeGrader(monkeypatch)
    with GradingPool[int](jobs=1) as pool:
        for number, most_ns in enumerate(({}, {"counts": 10.0}, {"counts": 20.0})):
            pool.submit(Item(COUNTER, "same", number, most_ns=most_ns), number)
        assert len(collect(pool)) == 3
    assert len(grader.seen) == 3


def test_without_the_cache_equal_samples_are_graded_again(monkeypatch):
    grader = FakeGrader(monkeypatch, blocked=True)
    with GradingPool[int](jobs=2) as pool:
        pool.submit_all((Item(ADDER, "same", n, cache=False), n) for n in range(3))
        grader.go.set()
        assert len(collect(pool)) == 3
    assert len(grader.seen) == 3


def test_no_more_run_at_once_than_may(monkeypatch):
    grader = FakeGrader(monkeypatch, blocked=True)
    with GradingPool[int](jobs=6) as pool:
        pool.at_once = 2
        pool.submit_all((Item(ADDER, f"// {n}", n), n) for n in range(12))
        time.sleep(0.2)
        assert grader.running == 2
        pool.at_once = 100
        time.sleep(0.2)
        assert grader.running == pool.at_once == 6
        grader.go.set()
        assert len(collect(pool)) == 12
    assert grader.most == 6


def test_samples_run_while_nobody_collects(monkeypatch):
    grader = FakeGrader(monkeypatch)
    with GradingPool[int](jobs=1) as pool:
        pool.submit_all((Item(ADDER, f"// {n}", n), n) for n in range(40))
        until = time.monotonic() + 10
        while len(grader.seen) < 40 and time.monotonic() < until:
            time.sleep(0.01)
        assert len(grader.seen) == 40


def test_long_problems_first_but_no_sample_waits_past_its_window(monkeypatch):
    grader = FakeGrader(monkeypatch, seconds={ADDER.id: 1.0, COUNTER.id: 5.0})
    with GradingPool[int](jobs=1, window=4) as pool:
        problems = [ADDER, COUNTER, ADDER, COUNTER, COUNTER, ADDER]
        pool.submit_all((Item(p, f"// {n}", n), n) for n, p in enumerate(problems))
        collect(pool)
    assert [item.sample for item in grader.seen] == [1, 3, 0, 2, 4, 5]


class Losing(ThreadPoolExecutor):
    """Loses every second sample: half of those with an exception, half when they are given."""

    count = 0

    def submit(self, function, /, *args, **kwargs):
        self.count += 1
        if self.count % 4 == 0:
            raise RuntimeError("no node left")
        if self.count % 4 == 2:
            return super().submit(self._lose)
        return super().submit(function, *args, **kwargs)

    def _lose(self):
        raise ConnectionError("the node is gone")


def test_what_an_executor_loses_is_an_infra_error(monkeypatch):
    FakeGrader(monkeypatch)
    with Losing(2) as executor, GradingPool[int](jobs=2, executor=executor) as pool:
        pool.submit_all((Item(ADDER, f"// {n}", n), n) for n in range(8))
        verdicts = [verdict for _, verdict in sorted(collect(pool), key=lambda pair: pair[0])]
    assert [v.status for v in verdicts] == ["pass", "infra_error"] * 4
    assert verdicts[1].message == "not graded: ConnectionError: the node is gone"
    assert verdicts[3].message == "not graded: RuntimeError: no node left"


def test_what_nothing_can_be_graded_with_is_raised(monkeypatch):
    def grader(_):
        raise InfrastructureError("no simulator")

    FakeGrader(monkeypatch)
    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", grader)
    with GradingPool[int](jobs=1) as pool:
        pool.submit(Item(ADDER, ""), 0)
        with pytest.raises(InfrastructureError, match="no simulator"):
            pool.done(wait=True)


def fails_for_three(item):
    if item.completion == "3":
        raise InfrastructureError("no worker")
    return replace(VERDICT, sample=item.sample)


def test_verdicts_beside_an_error_are_not_lost(monkeypatch):
    """Neither those that were ready before it nor those after it."""
    FakeGrader(monkeypatch)
    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", fails_for_three)
    with ThreadPoolExecutor(1) as executor, GradingPool[int](jobs=1, executor=executor) as pool:
        pool.submit_all((Item(ADDER, str(n), n), n) for n in range(6))
        executor.submit(int).result()  # the first of them have ended
        ready, errors = [], 0
        while pool.left:
            try:
                ready += pool.done(wait=True)
            except InfrastructureError:
                errors += 1
    assert errors == 1
    assert sorted(tag for tag, _ in ready) == [0, 1, 2, 4, 5]


def test_what_cannot_be_queued_leaves_nothing_behind(monkeypatch):
    FakeGrader(monkeypatch)
    with GradingPool[int](jobs=1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(Problem, "digest", property(lambda _: Path("/nowhere").stat()))
            with pytest.raises(FileNotFoundError):
                pool.submit(Item(ADDER, "same"), 0)
        assert pool.left == 0
        pool.submit(Item(ADDER, "same"), 1)
        assert [tag for tag, _ in collect(pool)] == [1]


def test_an_error_comes_with_its_sample_where_that_is_asked_for(monkeypatch):
    FakeGrader(monkeypatch)
    monkeypatch.setattr("itertl_eval.grader._grading_pool.grade_item", fails_for_three)
    with GradingPool[int](jobs=2) as pool:
        pool.submit_all((Item(ADDER, str(n // 2), n), n) for n in range(10))
        ended = {}
        while pool.left:
            ended.update(pool.ended(wait=True))
    failed = [tag for tag, found in ended.items() if isinstance(found, InfrastructureError)]
    assert sorted(failed) == [6, 7]
    assert sorted(ended) == list(range(10))


def test_closing_drops_what_waits(monkeypatch):
    grader = FakeGrader(monkeypatch)
    pool = GradingPool[int](jobs=1)
    pool.at_once = 1
    grader.go.clear()
    pool.submit_all((Item(ADDER, f"// {n}", n), n) for n in range(100))
    threading.Timer(0.1, grader.go.set).start()
    pool.close()
    pool.close()
    assert len(grader.seen) <= 2


def test_the_cost_of_a_sample_does_not_grow_with_the_backlog(monkeypatch):
    """A sampler hands over one sample at a time and asks for verdicts each time."""
    grader = FakeGrader(monkeypatch, blocked=True)
    with GradingPool[int](jobs=2) as pool:
        spent = []
        for part in range(4):
            began = time.process_time()
            for n in range(5_000):
                pool.submit(Item(ADDER, f"// {part} {n}", n), n)
                pool.done()
            spent.append(time.process_time() - began)
        # Quadratic cost would make the last quarter seven times the first.
        assert min(spent[2:]) < 3 * max(spent[:2]) + 0.1
        assert sum(spent) < 10
        pool.close(now=grader.go.set() is None)


@pytest.mark.parametrize(("processes", "jobs"), [("", 64), ("1", 64), ("8", 8), ("100", 1)])
def test_processes_of_a_machine_share_its_cores(monkeypatch, processes, jobs):
    """As the docs tell verl's reward workers to."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)))
    monkeypatch.setenv("LOCAL_WORLD_SIZE", processes)
    assert default_jobs() == jobs
