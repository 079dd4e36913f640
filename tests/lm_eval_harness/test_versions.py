"""The same checks with several versions of lm-eval, each in its own virtual environment.

    pytest -m slow tests/lm_eval_harness/test_versions.py

An environment holds only lm-eval and this package; everything else is read from the environment
that runs the tests. ITERTL_EVAL_LM_EVAL_MAIN names a clone of lm-eval, whose main is then
installed from a work tree, and with it pull request 4015 if the clone has it: the entry point
group `lm_eval.tasks`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.lm_eval, pytest.mark.simulator]
ROOT = Path(__file__).parents[2]
CLONE = os.environ.get("ITERTL_EVAL_LM_EVAL_MAIN")
NO_CLONE = "set ITERTL_EVAL_LM_EVAL_MAIN to a clone of lm-evaluation-harness"
ENTRY_POINT = "refs/pull/4015/head"
OURS = {
    "verilogeval_human",
    "verilogeval_machine",
    "verilogeval_human_instruct",
    "verilogeval_machine_instruct",
    "verilogeval_spec_to_rtl",
    "verilogeval_code_complete",
    "rtl_core",
    "corpus_heldout",
}
TESTED = ("lm_eval", "itertl_eval", "_editable_impl_itertl_eval", "__editable__")
"""What an environment must not take from the one that runs the tests."""
SEARCHED = """
import json, lm_eval.tasks
from lm_eval.tasks import manager
show = lambda paths: print(json.dumps([str(path) for path in paths])) or {}
manager.TaskIndex.build = lambda self, paths, **_: show(paths)
lm_eval.tasks.TaskManager()
"""


def run(command, **options):
    """Run a command; show its output when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


class Environment:
    """A virtual environment without pip that shares the dependencies of these tests."""

    def __init__(self, folder: Path) -> None:
        run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        self.folder = folder
        self.python = folder / "bin" / "python"
        (self.site,) = folder.glob("lib/python*/site-packages")
        dependencies = folder / "dependencies"
        dependencies.mkdir()
        for entry in Path(sysconfig.get_path("purelib")).iterdir():
            if not entry.name.startswith(TESTED) and entry.suffix != ".pth":
                (dependencies / entry.name).symlink_to(entry)
        (self.site / "dependencies.pth").write_text(f"{dependencies}\n")

    def pip(self, *arguments: str) -> None:
        run([sys.executable, "-m", "pip", "-q", "--python", str(self.python), *arguments])

    def __call__(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["HF_HUB_OFFLINE"] = "1"  # lm-eval's dummy model asks the hub for a tokenizer
        return run([self.python, *arguments], cwd=self.folder, env=environment | variables)

    def searched(self, **variables: str) -> list[str]:
        """Return the folders that lm-eval searches for tasks."""
        return json.loads(self("-c", SEARCHED, **variables).stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "-w", str(folder), str(ROOT)])
    (file,) = folder.glob("*.whl")
    return str(file)


def work_tree(folder: Path, revision: str) -> str:
    run(["git", "clone", "-q", "--no-checkout", str(CLONE), str(folder)])
    run(["git", "-C", str(folder), "fetch", "-q", str(CLONE), revision])
    run(["git", "-C", str(folder), "checkout", "-q", "FETCH_HEAD"])
    return str(folder)


def check_tasks(environment: Environment) -> None:
    """Check that all tasks are listed, and that one runs with complete results."""
    listed = environment("-m", "lm_eval", "ls", "tasks").stdout
    assert {name for name in OURS if f"|{name} " in listed} == OURS
    environment(
        "-m",
        "lm_eval",
        "run",
        "--model",
        "dummy",
        "--tasks",
        "verilogeval_human",
        "--limit",
        "2",
        "--metadata",
        '{"n_samples": 2}',
        "--output_path",
        "out",
        "--log_samples",
    )
    (results,) = environment.folder.glob("out/**/results_*.json")
    found = json.loads(results.read_text())
    scores = found["results"]["verilogeval_human"]
    assert scores["pass@1,graded"] == scores["pass@2,graded"] == 0
    assert scores["ended_syntax,graded"] == 1  # "lol" is not the body of a module
    metadata = found["configs"]["verilogeval_human"]["metadata"]
    assert metadata["card"]["samples"] == 2
    assert "greedy" in metadata["warnings"][0]
    (samples,) = environment.folder.glob("out/**/samples_verilogeval_human_*.jsonl")
    rows = [json.loads(line) for line in samples.read_text().splitlines()]
    assert [len(row["resps"]) for row in rows] == [2, 2]


def check_bridge(environment: Environment) -> None:
    """Check that it adds one folder after lm-eval's, and can be switched off."""
    (theirs, ours) = environment.searched()
    assert Path(theirs).is_relative_to(environment.folder.parent)
    assert Path(ours) == environment.site / "itertl_eval" / "_shipped" / "tasks"
    assert environment.searched(ITERTL_EVAL_NO_BRIDGE="1") == [theirs]
    assert environment("-c", "import lm_eval.tasks").stderr == ""


def check_leaves_nothing(environment: Environment, before: set[Path]) -> None:
    environment.pip("uninstall", "-y", "itertl-eval")
    left = {path for path in environment.site.rglob("*") if "__pycache__" not in path.parts}
    assert left == before
    assert environment("-c", "import lm_eval.tasks").stderr == ""


def installed(environment: Environment, package: list[str]) -> set[Path]:
    """Install this package; return the files that were there before."""
    before = {path for path in environment.site.rglob("*") if "__pycache__" not in path.parts}
    environment.pip("install", "--no-deps", *package)
    return before


@pytest.mark.data
@pytest.mark.parametrize("version", ["0.4.12", "0.4.13", "0.5.0.dev1"])
def test_release(version, wheel, tmp_path):
    environment = Environment(tmp_path / "venv")
    environment.pip("install", "--no-deps", f"lm-eval=={version}")
    before = installed(environment, [wheel])
    check_bridge(environment)
    check_tasks(environment)
    check_leaves_nothing(environment, before)


@pytest.mark.data
@pytest.mark.skipif(CLONE is None, reason=NO_CLONE)
def test_main_as_an_editable_install(wheel, tmp_path):
    environment = Environment(tmp_path / "venv")
    environment.pip("install", "--no-deps", "-e", work_tree(tmp_path / "main", "HEAD"))
    before = installed(environment, [wheel])
    check_bridge(environment)
    check_tasks(environment)
    check_leaves_nothing(environment, before)


def test_this_package_as_an_editable_install(tmp_path):
    environment = Environment(tmp_path / "venv")
    environment.pip("install", "--no-deps", "lm-eval>=0.4.12")
    before = installed(environment, ["-e", str(ROOT)])
    assert environment.searched()[1:] == [str(ROOT / "tasks")]
    check_leaves_nothing(environment, before)


@pytest.mark.data
@pytest.mark.skipif(CLONE is None, reason=NO_CLONE)
def test_the_bridge_does_nothing_where_lm_eval_reads_the_entry_point(wheel, tmp_path):
    refs = run(["git", "-C", str(CLONE), "for-each-ref", ENTRY_POINT]).stdout
    if not refs:
        pytest.skip(f"the clone has no {ENTRY_POINT}")
    environment = Environment(tmp_path / "venv")
    environment.pip("install", "--no-deps", "-e", work_tree(tmp_path / "main", ENTRY_POINT))
    before = installed(environment, [wheel])
    (theirs, ours) = environment.searched()
    assert Path(theirs).is_relative_to(environment.folder.parent)
    assert Path(ours) == environment.site / "itertl_eval" / "_shipped" / "tasks"
    assert len(environment.searched(ITERTL_EVAL_NO_BRIDGE="1")) == 2  # it was not the bridge
    check_tasks(environment)
    check_leaves_nothing(environment, before)
