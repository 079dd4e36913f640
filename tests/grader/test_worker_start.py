"""Workers that something kills while they start, as the kernel does when memory is short."""

import warnings
from dataclasses import replace

import pytest

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import find_icarus
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.worker import job, pool
from itertl_eval.grader.worker._worker import StartKilled, Worker

pytestmark = pytest.mark.simulator


@pytest.fixture(autouse=True)
def untried(monkeypatch):
    """As in a process that has not started a worker yet. A slower method would be said."""
    monkeypatch.setattr(pool, "_fork_server_works", None)
    monkeypatch.delenv(pool.DIRECT_VARIABLE, raising=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def killing(tmp_path, times):
    """An Icarus whose simulator kills itself the first times."""
    icarus, count = find_icarus(), tmp_path / "count"
    count.write_text("." * times)
    fake = tmp_path / "vvp"
    fake.write_text(
        f"#!/bin/sh\nif [ -s {count} ]; then truncate -s -1 {count}; kill -9 $$; fi\n"
        f'exec {icarus.vvp} "$@"\n'
    )
    fake.chmod(0o755)
    return replace(icarus, vvp=str(fake))


def opened(icarus):
    worker = pool.open_worker(icarus)
    try:
        assert isinstance(worker, Worker)
        return [case.passed for case in worker.run(job("~a")).cases]
    finally:
        worker.close()


def test_a_worker_that_is_killed_while_it_starts_is_started_again(tmp_path):
    assert opened(killing(tmp_path, pool.ATTEMPTS - 1)) == [True]


def test_a_machine_that_kills_each_worker_is_named(tmp_path):
    with pytest.raises(StartKilled, match="killed while it started"):
        opened(killing(tmp_path, pool.ATTEMPTS))


def test_a_machine_that_fails_the_self_test_does_not_condemn_the_method(monkeypatch):
    """A disk that was full for a moment made the whole process ten times slower."""
    full = Outcome(broken="OSError: No space left on device", retry=True)
    with monkeypatch.context() as patched:
        patched.setattr(Worker, "run", lambda *_: full)
        with pytest.raises(InfrastructureError, match="good design: OSError: No space left"):
            pool.open_worker(find_icarus())
    assert opened(find_icarus()) == [True]


def test_a_worker_that_is_killed_in_its_self_test_is_replaced(monkeypatch):
    """It condemned the process to a simulator for each sample, which is ten times slower."""
    asked = []

    class Killed(Worker):
        def run(self, asked_job):
            if not asked:
                self._process.kill()
            asked.append(asked_job)
            return super().run(asked_job)

    monkeypatch.setattr(pool, "Worker", Killed)
    assert opened(find_icarus()) == [True]
    assert len(asked) == 4
