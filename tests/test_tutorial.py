"""Write the files and run the commands of docs/add-a-testbench.md, step by step."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "add-a-testbench.md"
BLOCK = re.compile(r'^```(\w+)(?: title="(\S+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False
    )


def matches(shown: str, output: str) -> bool:
    """Whether `output` is what the page shows, where ... matches any text."""
    pattern = ".*?".join(map(re.escape, shown.strip().split("...")))
    return re.match(pattern, output, re.DOTALL) is not None


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Write the page's files and run its commands, in order."""
    folder = tmp_path_factory.mktemp("tutorial")
    commands = 0
    for language, name, content in BLOCKS:
        if name:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(content)
        elif language == "console":
            line, _, shown = content.partition("\n")
            program, *arguments = shlex.split(line.removeprefix("$ "))
            assert program == "itertl-eval"
            done = run([sys.executable, "-m", "itertl_eval.cli", *arguments], folder)
            assert matches(shown, done.stdout), f"{line}\n{done.stdout}{done.stderr}"
            assert done.returncode == int("falls short" in shown)
            commands += 1
    assert commands == 5
    return folder


@pytest.mark.simulator
def test_the_page_is_true(folder):
    assert {name for _, name, _ in BLOCKS if name} == {
        "rtl/pulse.sv",
        "tb/test_pulse.py",
        "my_fifo/problem.yaml",
        "my_fifo/spec.md",
        "my_fifo/reference.sv",
        "my_fifo/test_my_fifo.py",
        "samples.jsonl",
        "my_recipe.yaml",
    }
    done = run([sys.executable, "-m", "pytest", "-q", "my_fifo"], folder)
    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.simulator
def test_the_golden_model_notices_what_the_first_test_did_not(folder):
    from itertl_eval import load_suite
    from itertl_eval.authoring.soundness._check import check

    report = check(load_suite(str(folder / "my_fifo"))["my_fifo"])
    assert report.shortcomings == []
    gaps = [s for s in report.survivors if "+++ assignment" not in s["diff"]]
    assert len(gaps) <= 1


@pytest.mark.simulator
def test_the_task_from_an_existing_design_and_test_is_sound_but_for_its_spec(folder):
    from itertl_eval import load_suite
    from itertl_eval.authoring.soundness._check import check

    result = check(load_suite(str(folder / "pulse"))["pulse"])
    assert result.shortcomings == []


@pytest.mark.train
@pytest.mark.simulator
def test_the_recipe_finds_the_task(folder, monkeypatch):
    from itertl_eval.train.config._recipe import parse
    from itertl_eval.train.inputs import load_all

    monkeypatch.chdir(folder)
    recipe = parse(["--config", "my_recipe.yaml"])
    [instruction] = load_all(recipe.data.train_data, recipe.data, {})
    assert instruction.problem.id == "my_fifo"
    assert instruction.problem.testbench is not None
    assert len(load_all(recipe.data.heldout_data, recipe.data, {})) >= 30
