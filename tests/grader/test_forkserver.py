"""The fork server: what its samples may read, and a machine that gives it no process."""

import sys

import pytest

from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.worker import _worker as worker
from itertl_eval.grader.worker import job
from itertl_eval.grader.worker._child import readable

pytestmark = pytest.mark.simulator


def test_a_sample_may_read_libraries_but_not_this_package(tmp_path, monkeypatch):
    plain, site, outer = tmp_path / "plain", tmp_path / "site-packages", tmp_path / "lib"
    repository = tmp_path / "repository"
    inner = outer / "site-packages"
    for folder in (plain / "a", site / "a", outer / "a", inner / "a", repository / "a"):
        folder.mkdir(parents=True)
    for folder in (site, inner, repository):
        (folder / "itertl_eval").mkdir()
    entries = [plain, site, outer, inner, repository]
    monkeypatch.setattr(sys, "path", [str(entry) for entry in entries])
    found = [path for path in readable(find_icarus()) if tmp_path in path.parents]
    assert set(found) == {plain, site / "a", outer / "a", inner / "a"}


def test_a_fork_that_fails_is_no_verdict(monkeypatch):
    """The first one here; the sample is to be tried again, and the worker goes on."""
    once = """
from itertl_eval.grader.worker import _forkserver as forkserver
fork, tries = forkserver._fork, iter([-1])
forkserver._fork = lambda: next(tries, None) or fork()
serve()
"""
    start = worker._SITECUSTOMIZE
    assert start.endswith("\nserve()\n")
    monkeypatch.setattr(worker, "_SITECUSTOMIZE", start.removesuffix("serve()\n") + once)
    one = worker.Worker(find_icarus())
    try:
        failed, right = one.run(job("~a")), one.run(job("~a"))
    finally:
        one.close()
    assert (failed.broken, failed.retry) == ("no process could be started", True)
    assert failed.cases == []
    assert [case.passed for case in right.cases] == [True]


def test_a_folder_that_cannot_be_emptied_is_given_up(monkeypatch):
    """The verdict stands, and the next sample gets another worker."""
    stuck = """
from itertl_eval.grader.worker import _forkserver as forkserver
def clear(folder):
    raise PermissionError
forkserver.clear = clear
serve()
"""
    start = worker._SITECUSTOMIZE.removesuffix("serve()\n")
    monkeypatch.setattr(worker, "_SITECUSTOMIZE", start + stuck)
    one = worker.Worker(find_icarus())
    try:
        right = one.run(job("~a"))
        with pytest.raises(worker.WorkerLost):
            one.run(job("~a"))
    finally:
        one.close()
    assert [case.passed for case in right.cases] == [True]


def test_the_fork_server_is_small(monkeypatch, tmp_path):
    """Each sample's process has to copy its page tables: what only compiling needs is not in it."""
    note = tmp_path / "modules"
    report = f"import sys\nopen({str(note)!r}, 'w').write(' '.join(sys.modules))\n"
    start = worker._SITECUSTOMIZE.removesuffix("serve()\n")
    monkeypatch.setattr(worker, "_SITECUSTOMIZE", f"{start}{report}serve()\n")
    worker.Worker(find_icarus()).close()
    found = {name.partition(".")[0] for name in note.read_text().split()}
    assert {"cocotb", "itertl_eval"} <= found
    assert not found & {"pyslang", "pyverilog", "ply", "numpy", "pytest", "sqlite3", "yaml"}
