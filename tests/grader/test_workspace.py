"""Tools in the sandbox: whom a limit of wall time may blame."""

from __future__ import annotations

import pytest

from itertl_eval.grader.isolation import Ending, Log, Workspace, _workspace, unsafe

LOOP = "while :; do :; done"
STOP = "kill -STOP $$"


def run(folder, script, seconds):
    workspace = Workspace(folder, {"sh": "/bin/sh"}, ["/bin/sh"], unsafe())
    with Log() as log:
        return workspace.run([["sh", "-c", script]], log, log, seconds)


@pytest.fixture
def starved(monkeypatch):
    """A machine that gives a tool no CPU time, in each look at it."""
    looks = []

    def group_cpu(group):
        looks.append(group)
        return 0.0, True

    monkeypatch.setattr(_workspace, "group_cpu", group_cpu)
    return looks


@pytest.mark.parametrize("script", [LOOP, STOP], ids=["loops", "waits for nothing"])
def test_a_tool_without_end_runs_out_of_time(script, tmp_path):
    assert run(tmp_path, script, 1.5) is Ending.TIMEOUT


def test_a_tool_on_a_busy_machine_gets_more_time(starved, tmp_path, monkeypatch):
    monkeypatch.setattr(_workspace, "_PATIENCE", 100)
    work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
    assert run(tmp_path, work, 0.2) is Ending.DONE
    assert starved


def test_a_machine_that_gives_no_time_fails_no_tool(starved, tmp_path):
    with pytest.raises(OSError, match=r"in 0\.4 s this machine gave it 0\.0 s of CPU time"):
        run(tmp_path, LOOP, 0.1)
    assert len(starved) == 4
