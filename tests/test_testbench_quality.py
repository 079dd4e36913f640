"""A sample of the testbenches against mutants: none may live that the official one kills."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ["fsm3s", "lemmings1", "vector4", "count1to10", "dff8ar", "mux9to1v"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.simulator,
    pytest.mark.data,
    pytest.mark.usefixtures("published"),
]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    script = ROOT / "benchmarks" / "testbench_quality.py"
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)


def test_no_misses_in_a_sample():
    done = run(*SAMPLE, "--limit", "15", "--seed", "2", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads(done.stdout)
    assert summary["good"] == summary["problems"] == len(SAMPLE)
    assert summary["misses"] == 0
    assert summary["killed"] > 0.7 * summary["mutants"]
    assert [quality["problem"] for quality in summary["details"]] == SAMPLE
    assert all(quality["ours"] == "pass" for quality in summary["details"])


def test_text_report():
    done = run("zero", "--limit", "2")
    assert done.returncode == 0
    first, summary = done.stdout.splitlines()
    assert first.startswith("ok   zero")
    assert "golden pass/passed" in first
    assert "misses 0" in summary


@pytest.mark.parametrize("name", ["nosuchproblem"])
def test_unknown_problems_are_refused(name):
    done = run(name)
    assert done.returncode == 2
    assert name in done.stderr
