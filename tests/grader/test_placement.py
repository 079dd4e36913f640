import os
import subprocess
import sys
from pathlib import Path

import pytest

from itertl_eval import grade
from itertl_eval.grader.isolation import affinity
from itertl_eval.grader.worker.pool import current_worker
from tests.designs import ADDER

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs Linux and two processors",
)


@pytest.fixture
def everywhere():
    """The processors that this process may use; it may do so again afterwards."""
    allowed = os.sched_getaffinity(0)
    yield allowed
    os.sched_setaffinity(0, allowed)


def test_a_process_starts_beside_its_parent_and_may_then_run_anywhere(everywhere) -> None:
    affinity.stay()
    (processor,) = os.sched_getaffinity(0)
    assert processor in everywhere
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert os.sched_getaffinity(child.pid) == {processor}
    affinity.roam()
    affinity.roam(child.pid)
    assert os.sched_getaffinity(0) == os.sched_getaffinity(child.pid) == everywhere
    child.communicate(b"\n")


def test_what_can_not_be_placed_is_left_alone(everywhere, monkeypatch) -> None:
    monkeypatch.setattr(affinity, "_current", lambda: 1 << 15)
    affinity.stay()
    affinity.roam(pid=2**22 + 1)  # no process has such a number
    assert os.sched_getaffinity(0) == everywhere


@pytest.mark.simulator
def test_no_process_of_a_worker_stays_pinned(everywhere) -> None:
    assert grade(ADDER, ADDER.reference, cache=False).passed
    server = current_worker()._process.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    assert children  # the compile server
    for pid in (server, *map(int, children)):
        assert os.sched_getaffinity(pid) == everywhere
