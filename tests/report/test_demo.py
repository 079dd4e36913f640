"""What `make demo` says at its end, and what it leaves when it is ended."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itertl_eval.demo import gain
from tests.report.inputs import rows_of, write_lm_eval

NAMES = [f"circuit_{number}" for number in range(20)]


def lm_eval_outputs(folder, *, solved_after):
    """Write the outputs before, where nothing is solved, and after training."""
    after = {name: "pass" if at < solved_after else "syntax" for at, name in enumerate(NAMES)}
    write_lm_eval(folder / "before", rows_of(dict.fromkeys(NAMES, "syntax")), model="base")
    write_lm_eval(folder / "after", rows_of(after), model="trained")
    return [folder / "before", folder / "after"]


def test_a_gain_is_given_with_its_interval(tmp_path):
    text = gain(lm_eval_outputs(tmp_path, solved_after=10))
    assert text.startswith("gain +0.500 (95 % interval +0.")
    assert text.endswith("20 problems): better")


def test_a_gain_that_may_be_chance_is_not_called_one(tmp_path):
    text = gain(lm_eval_outputs(tmp_path, solved_after=1))
    assert text.startswith("gain +0.050")
    assert text.endswith("no clear difference")


@pytest.mark.train
def test_a_demo_that_is_ended_leaves_no_training_behind(tmp_path):
    command = [sys.executable, "-m", "itertl_eval.demo", "--run_dir", str(tmp_path)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children")
    deadline = time.monotonic() + 60
    while not (started := children.read_text().split()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=60)
    assert demo.returncode == 128 + signal.SIGTERM
    assert started
    assert not any(Path("/proc", child).exists() for child in started)
