"""A scaffolded task folder works with check, pytest and lm-eval."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.authoring._scaffold import FILES, new_task
from itertl_eval.authoring.soundness._check import check
from itertl_eval.cli import main
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.runner import run_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return new_task("my_task", tmp_path_factory.mktemp("tasks"))


def test_files_and_next_steps(tmp_path, capsys):
    assert main(["new", "my_fifo", "--dir", str(tmp_path / "deep")]) == 0
    folder = tmp_path / "deep" / "my_fifo"
    assert {file.name for file in folder.iterdir()} == {n.format(name="my_fifo") for n in FILES}
    said = capsys.readouterr().out
    for command in (f"itertl-eval check {folder}", f"pytest {folder}", "lm_eval --tasks my_fifo"):
        assert command in said
    problem = load_suite(str(folder))["my_fifo"]
    assert problem.top == "my_fifo"
    assert problem.testbench == folder / "test_my_fifo.py"
    assert not any("{" in line for line in problem.reference.splitlines())


@pytest.mark.parametrize("name", ["My", "2fast", "a-b", "a/b", "", "module", "int", "rtl_core"])
def test_refuses_unusable_names(tmp_path, name):
    with pytest.raises(UsageError):
        new_task(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    new_task("mine", tmp_path)
    (tmp_path / "mine" / "spec.md").write_text("my own")
    with pytest.raises(UsageError, match="already exists"):
        new_task("mine", tmp_path)
    assert (tmp_path / "mine" / "spec.md").read_text() == "my own"


@pytest.mark.simulator
def test_check_accepts_it(folder):
    report = check(load_suite(str(folder))["my_task"], limit=12, min_score=0.9)
    assert report.shortcomings == []
    assert report.killed > 8


@pytest.mark.simulator
def test_a_wrong_design_fails_with_port_and_values(folder):
    problem = load_suite(str(folder))["my_task"]
    verdict = grade(problem, problem.reference.replace("4'd1", "4'd2"))
    assert verdict.stage == "simulate"
    assert verdict.message == "counts_and_wraps: count: expected 1, got 0010"


def test_the_runner_explains_how_to_install_a_simulator(folder, monkeypatch):
    from itertl_eval.grader.compile import _icarus as icarus

    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("ITERTL_EVAL_ICARUS", raising=False)
    icarus.find_icarus.cache_clear()
    try:
        with pytest.raises(InfrastructureError, match="apt-get install iverilog"):
            run_folder(folder / "test_my_task.py")
    finally:
        icarus.find_icarus.cache_clear()


# -- lm-eval ----------------------------------------------------------------------------------

FIND = """
import json, sys
from lm_eval.tasks import TaskManager
manager = TaskManager(include_defaults=False, include_path=sys.argv[1:])
found = {}
for name in manager.all_tasks:
    [task] = manager.load([name])["tasks"].values()
    found[name] = [row["task_id"] for row in task.dataset["test"]]
print(json.dumps(found))
"""


def found_by_lm_eval(*folders: Path, **environment: str) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", FIND, *map(str, folders)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.lm_eval
def test_lm_eval_finds_each_task_under_its_own_name(tmp_path):
    one, two = new_task("one_task", tmp_path), new_task("two_task", tmp_path)
    assert found_by_lm_eval(one) == {"one_task": ["one_task"]}
    both = {"one_task": ["one_task"], "two_task": ["two_task"]}
    assert found_by_lm_eval(tmp_path) == found_by_lm_eval(one, two) == both


BY_ENVIRONMENT = """
import json, lm_eval.tasks
from lm_eval.tasks import TaskManager, manager
build = manager.TaskIndex.build
# Without lm-eval's own ten thousand tasks, which take it ten seconds to list.
manager.TaskIndex.build = lambda self, paths, **k: build(paths[1:], **k)
[task] = TaskManager().load(["my_task"])["tasks"].values()
print(json.dumps([row["task_id"] for row in task.dataset["test"]]))
"""


@pytest.mark.lm_eval
def test_lm_eval_finds_tasks_below_the_environment_variable(folder):
    done = subprocess.run(
        [sys.executable, "-c", BY_ENVIRONMENT],
        capture_output=True,
        text=True,
        env={**os.environ, "ITERTL_EVAL_TASKS": str(folder.parent)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == ["my_task"]
