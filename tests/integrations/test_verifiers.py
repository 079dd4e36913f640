"""The environment for verifiers, run by verifiers' own command. Runs where both are installed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.errors import InfrastructureError
from tests.integrations.chat import chat_server

pytest.importorskip("verifiers.v1", exc_type=ImportError)
environment = pytest.importorskip(
    "itertl_verilog", reason="pip install ./integrations/verifiers", exc_type=ImportError
)
pytestmark = pytest.mark.simulator
needs_uv = pytest.mark.skipif(shutil.which("uv") is None, reason="verifiers' harness needs uv")
SUITE, TASK = "rtl_core", "gray_counter"
REFERENCE = load_suite(SUITE)[TASK].reference
WRONG = REFERENCE.replace("<= ", "<= ~")


def evaluate(folder: Path, texts: list[str], turns: int, **variables: str):
    """Run vf-eval on one problem with `variables`; return its trace and the model's requests."""
    program = Path(sys.executable).with_name("vf-eval")
    with chat_server(texts) as (address, seen):
        flags = {
            "--env.taskset.suite": SUITE,
            "--select.include.ids": json.dumps([TASK]),
            "--env.turns": turns,
            "--client.base-url": address,
            "--client.api-key-var": "KEY",
            "--model": "m",
            "--output-dir": folder,
        }
        command = [program, "itertl-verilog", "--no-push", "--no-rich"]
        command += [part for pair in flags.items() for part in pair]
        done = subprocess.run(
            list(map(str, command)),
            env={**os.environ, "KEY": "none", **variables},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    files = list(folder.rglob("traces.jsonl"))
    assert files, done.stdout + done.stderr
    (episode,) = map(json.loads, files[0].read_text().splitlines())
    return episode, seen


def test_load_environment_names_a_suite():
    env = environment.load_environment(suite=SUITE, turns=2)
    tasks = list(env.taskset)
    assert {task.data.id for task in tasks} == set(load_suite(SUITE).covered)
    assert env.config.turns == 2


@pytest.mark.slow
@needs_uv
def test_a_second_turn_hears_what_is_wrong(tmp_path):
    episode, seen = evaluate(tmp_path, [WRONG, REFERENCE], turns=3)
    (trace,) = episode["traces"]
    assert (trace["rewards"]["verilog"], trace["errors"]) == ({"score": 1.0, "weight": 1.0}, [])
    assert trace["metrics"]["passed"] == 1.0
    assert len(seen) == 2
    assert load_suite(SUITE)[TASK].prompt.text.strip() in seen[0]["messages"][-1]["content"]
    assert "its behavior is wrong" in str(seen[1]["messages"][-1]["content"])


def test_an_infrastructure_error_is_no_score(monkeypatch):
    def lose(problem, completion):
        return replace(grade(problem, ""), status="infra_error", message="the disk is gone")

    monkeypatch.setattr(environment, "grade", lose)
    task = next(iter(environment.load_environment(suite=SUITE).taskset))
    with pytest.raises(InfrastructureError, match="was not graded: the disk is gone"):
        asyncio.run(task.verdict(REFERENCE))


@pytest.mark.slow
@needs_uv
@pytest.mark.parametrize("turns", [1, 2])
def test_a_machine_that_cannot_grade_is_an_error_of_the_rollout(turns, tmp_path):
    lacking = {"ITERTL_EVAL_ICARUS": str(tmp_path)}
    episode, seen = evaluate(tmp_path, [REFERENCE], turns, **lacking)
    (trace,) = episode["traces"]
    assert len(seen) == 1
    assert not episode["ok"]
    assert "Icarus Verilog was not found" in str(episode["errors"] + trace["errors"])
    assert trace["rewards"].get("verilog") is None
    assert trace["metrics"].get("passed") is None
