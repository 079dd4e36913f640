"""The guard around every command: one line and an exit code, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from itertl_eval._util.command import command
from itertl_eval.errors import InfrastructureError, UsageError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UsageError("write this"), 2, "error: write this\n"),
        (InfrastructureError("no simulator"), 3, "error: no simulator\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_errors_become_exit_codes(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    @command
    def main(arguments: Sequence[str] | None = None) -> int:
        raise error

    assert main([]) == code
    assert capsys.readouterr().err == said


def test_other_errors_are_not_hidden() -> None:
    @command
    def main(arguments: Sequence[str] | None = None) -> int:
        return len(arguments or ()) // 0

    with pytest.raises(ZeroDivisionError):
        main([])


ENDED = """
import sys, tempfile, time
from itertl_eval._util.command import command
@command
def main(arguments=None):
    with tempfile.TemporaryDirectory():
        print("begun", flush=True)
        time.sleep(60)
sys.exit(main())
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_no_temporary_folder(how: signal.Signals, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDED],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    assert any(tmp_path.iterdir())
    process.send_signal(how)
    assert process.communicate(timeout=60)[1] == "interrupted\n"
    assert process.returncode == 128 + how
    assert not any(tmp_path.iterdir())


def test_nohup_is_respected() -> None:
    process = subprocess.Popen(
        ["nohup", sys.executable, "-c", ENDED], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGHUP)
    time.sleep(1)
    assert process.poll() is None
    process.kill()
    process.communicate()


IMPORTED = """
import itertl_eval.cli, sys
sys.argv[1:] = ["tasks"]
class Interrupting:
    def find_spec(self, name, *_):
        if name == "itertl_eval.cli._tasks":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
sys.exit(itertl_eval.cli.main())
"""


def test_an_interrupt_during_the_imports_is_one_line() -> None:
    command = [sys.executable, "-c", IMPORTED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (130, 1), done.stderr
