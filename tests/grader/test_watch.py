"""The parent's side of a sample's process: nothing it says is lost, nothing holds the parent up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itertl_eval._util.wire import dump, load
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.isolation._watch import Watch


@pytest.fixture(params=["pidfd", "channel"])
def way(request, monkeypatch):
    """How the parent learns of the child's end; without pidfd it listens to the channel."""
    if request.param == "channel":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    elif not hasattr(os, "pidfd_open"):
        pytest.skip("no pidfd on this system")
    return request.param


def watch(code: str, wall: float = 20.0, memory: float = 1024) -> Outcome:
    """Run `code` in its own session, where `say` sends a message."""
    mine, theirs = socket.socketpair()
    helper = (
        f"import json, os, socket, time\nchannel = socket.socket(fileno={theirs.fileno()})\n"
        "def say(**message): channel.sendall(json.dumps(message).encode() + b'\\n')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", helper + code], pass_fds=[theirs.fileno()], start_new_session=True
    )
    theirs.close()
    outcome = Outcome()
    with mine:
        # The child is another program: what this process holds is not in it.
        Watch(process.pid, mine, wall=wall, cpu=10, memory=memory, baseline=16).run(outcome)
    process.returncode = 0  # Watch has reaped it
    assert load(Outcome, dump(outcome)) == outcome  # as it goes on to the master
    return outcome


@pytest.mark.usefixtures("way")
def test_a_flood_of_cases_arrives_whole():
    """More than a socket holds, so that the child would wait for a parent that does not listen."""
    result = watch(
        "for k in range(4000): say(case={'name': str(k), 'passed': False, 'message': 'x' * 300})\n"
        "say(finished=True)\n"
    )
    assert [case.name for case in result.cases] == [str(k) for k in range(4000)]
    assert result.finished
    assert not result.timeout


@pytest.mark.usefixtures("way")
def test_a_child_that_ends_without_a_word_is_not_waited_for():
    began = time.monotonic()
    result = watch("say(stage='simulate'); os.kill(os.getpid(), 6)")
    assert time.monotonic() - began < 5
    assert (result.stage, result.signal) == ("simulate", signal.SIGABRT)
    assert not result.ended


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
@pytest.mark.usefixtures("way")
def test_the_time_limit_ends_the_whole_group(tmp_path):
    note = tmp_path / "pid"
    result = watch(
        f"pid = os.fork()\nif pid: open({str(note)!r}, 'w').write(str(pid))\ntime.sleep(60)", wall=1
    )
    assert result.timeout
    assert "CPU time" in result.broken  # it slept, so the machine is to blame
    left = Path("/proc", note.read_text(), "stat")
    until = time.monotonic() + 5
    while left.exists() and left.read_text().split()[2] != "Z" and time.monotonic() < until:
        time.sleep(0.05)
    assert not left.exists() or left.read_text().split()[2] == "Z"


def test_what_a_child_leaves_behind_holds_nobody_up(way):
    """A process that outlives the child and still has the channel."""
    if way == "channel":
        pytest.skip("there the channel's end is all that can be seen")
    began = time.monotonic()
    result = watch("say(stage='simulate')\nif os.fork() == 0: time.sleep(60)")
    assert time.monotonic() - began < 5
    assert result.stage == "simulate"


@pytest.mark.parametrize("message", ["no JSON", '{"passed": 1}', '{"finished": "yes"}', "[]"])
def test_a_message_that_is_none_breaks_the_run(message):
    outcome = watch(f"channel.sendall({message.encode()!r} + b'\\n'); time.sleep(60)")
    assert outcome.broken is not None
    assert "can't be read" in outcome.broken
    assert not outcome.finished
