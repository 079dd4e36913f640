"""The process that compiles stays, and gives nothing on from one sample to another."""

from __future__ import annotations

import errno
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.worker import job
from itertl_eval.grader.worker._compile_server import CompileServer
from itertl_eval.grader.worker._worker import Worker

pytestmark = [
    pytest.mark.simulator,
    pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="no /proc"),
]


@pytest.fixture
def worker():
    worker = Worker(find_icarus())
    yield worker
    worker.close()


def compile_servers(worker: Worker) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == worker.folder / "prepare":
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def passed(outcome: Outcome) -> list[bool]:
    return [case.passed for case in outcome.cases]


def test_it_stays_for_good_and_bad_samples(worker):
    assert passed(worker.run(job("~a"))) == [True]
    first = compile_servers(worker)
    assert len(first) == 1
    broken = worker.run(job("!"))
    assert (broken.stage, broken.cases) == ("syntax", [])
    assert not (worker.folder / "prepare" / "design.vvp").exists()
    assert passed(worker.run(job("a"))) == [False]
    assert passed(worker.run(job("~a"))) == [True]
    assert compile_servers(worker) == first


def test_its_death_costs_one_try(worker):
    assert passed(worker.run(job("~a"))) == [True]
    (victim,) = compile_servers(worker)
    os.kill(victim, signal.SIGKILL)
    outcome = worker.run(job("~a"))
    assert outcome.retry
    assert "killed from outside" in outcome.broken
    assert passed(worker.run(job("~a"))) == [True]
    assert compile_servers(worker) != [victim]


@pytest.mark.parametrize("lacking", ["pipe", "fork"])
def test_a_start_that_fails_leaves_nothing_open_and_ends_nobody(lacking, monkeypatch, tmp_path):
    """Without a process there is no group to kill: 0 would be our own."""

    def fails():
        raise OSError(errno.EAGAIN, "nothing left")

    ended = []
    monkeypatch.setattr(os, "killpg", lambda pid, signal: ended.append(pid))
    monkeypatch.setattr(os, lacking, fails)
    server = CompileServer(find_icarus(), tmp_path, None, tmp_path)
    before = sorted(Path("/proc/self/fd").iterdir())
    outcome = server.run(None, 1.0, None, None)
    server.close()
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert (outcome.broken, outcome.retry) == (
        "the compile server did not start: [Errno 11] nothing left",
        True,
    )
    assert not ended


def test_each_sample_has_its_own_limits(worker):
    for mebibytes in (16, 2, 8):
        assert passed(worker.run(replace(job("~a"), file=mebibytes))) == [True]
        (pid,) = compile_servers(worker)
        limits = Path("/proc", str(pid), "limits").read_text().splitlines()
        (size,) = [line.split()[3] for line in limits if line.startswith("Max file size")]
        assert int(size) == mebibytes << 20


def test_it_ends_with_its_worker(worker):
    worker.run(job("~a"))
    (pid,) = compile_servers(worker)
    worker.close()
    for _ in range(100):
        try:
            state = Path("/proc", str(pid), "stat").read_text().split()[2]
        except OSError:
            return
        if state in "ZX":
            return
        time.sleep(0.05)
    pytest.fail("the process that compiles outlives its worker")
