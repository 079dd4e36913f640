"""The command line: exit codes and what is printed, for every subcommand but grade."""

from __future__ import annotations

import argparse
import errno
import importlib
import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import itertl_eval
from itertl_eval import load_suite
from itertl_eval._util import command as ends
from itertl_eval._util.paths import shipped
from itertl_eval.cli import _doctor, main
from itertl_eval.cli._main import COMMANDS
from itertl_eval.cli._tasks import lm_eval_tasks
from itertl_eval.grader import KNOWN_FAULTS, find_icarus, sandbox_status
from itertl_eval.grader.isolation.sandbox import SandboxStatus
from itertl_eval.results import _provenance, package_versions, protocol_card
from itertl_eval.suites._registry import CHAT_TASKS
from itertl_eval.verdict import Verdict
from tests.cli.tools import refused, row, samples, wrong


def test_usage(capsys):
    for arguments in ([], ["nosuch"], ["grade", "x.jsonl"], ["check", "x", "--mutants", "many"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert "usage: itertl-eval" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command, capsys):
    commands = argparse.ArgumentParser().add_subparsers()
    importlib.import_module(f"itertl_eval.cli._{command}").add(commands)
    (listed,) = commands._choices_actions
    assert (listed.dest, listed.help) == (command, COMMANDS[command])
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert f"usage: itertl-eval {command}" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    script = (
        "import sys; from itertl_eval.cli import main\ntry: main(['--help'])\nexcept SystemExit: "
    )
    script += "print([n for n in ('cocotb', 'pyslang', 'yaml', 'pydantic') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "3 infrastructure (no simulator, no data, no testbench)" in capsys.readouterr().out


# -- no data, no simulator --------------------------------------------------------------------


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: what is on this machine is looked up once per process."""
    kept = {k: v for k, v in os.environ.items() if k not in ("ITERTL_EVAL_DATA",)}
    return subprocess.run(
        [sys.executable, "-m", "itertl_eval.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**kept, **environment},
    )


OFFLINE = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    "arguments",
    [("grade", "{samples}", "--task", "verilogeval_human"), ("check", "verilogeval_human/gatesv")],
)
def test_no_data(tmp_path, arguments):
    file = samples(tmp_path, row("x", "gatesv"))
    arguments = [argument.format(samples=file) for argument in arguments]
    done = command(*arguments, ITERTL_EVAL_CACHE=str(tmp_path / "cache"), **OFFLINE)
    assert done.returncode == 3, done.stderr
    for way in ("itertl-eval fetch all", "--from FILE_OR_FOLDER", "ITERTL_EVAL_DATA=FOLDER"):
        assert way in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["grade", "check", "doctor"])
def test_no_simulator(folder, tmp_path, name):
    file = samples(tmp_path, row("module mine(); endmodule"))
    arguments = {"grade": [file, "--task", str(folder)], "check": [str(folder)], "doctor": []}
    lacking = {"PATH": str(tmp_path), "ITERTL_EVAL_ICARUS": ""}
    done = command(name, *arguments[name], **lacking, **OFFLINE)
    assert done.returncode == 3, done.stdout + done.stderr
    for way in (
        "sudo apt-get install iverilog",
        "brew install icarus-verilog",
        "conda install -c conda-forge iverilog",
        "ITERTL_EVAL_ICARUS",
    ):
        assert way in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_fetch_lists_each_name_once(capsys):
    assert main(["fetch", "nosuch"]) == 2
    names = capsys.readouterr().err.split("available: ")[1].strip().split(", ")
    assert {"chipbench", "verilog-eval-v1", "all"} <= {*names}
    assert len(names) == len({*names})


# -- check ------------------------------------------------------------------------------------


@pytest.mark.simulator
def test_check(folder, capsys):
    assert main(["check", str(folder), "--mutants", "3"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("mine: sound\n")
    assert "reference        passes on 3 seeds" in said
    assert main(["check", str(folder), "--mutants", "3", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["shortcomings"] == []
    assert facts["mutants"] == 3
    assert facts["reference"] == dict.fromkeys(["0", "1", "2", "reversed"], "pass")


@pytest.mark.simulator
def test_check_of_a_task_that_falls_short(folder, capsys):
    (folder / "reference.sv").write_text(wrong(folder))
    assert main(["check", str(folder), "--mutants", "1"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("mine: falls short\n")
    assert "SHORT            the reference fails: counts_and_wraps: count: expected 1" in said


def test_check_refuses_numbers_without_a_meaning_and_what_can_not_be_written(folder, capsys):
    for option, value in (("--mutants", -1), ("--min-score", 2), ("--proof-seconds", -1)):
        with pytest.raises(SystemExit) as ended:
            main(["check", str(folder), option, str(value)])
        assert ended.value.code == 2
        assert f"'{value}' must be" in capsys.readouterr().err
    said = refused(capsys, 2, "check", folder, "--junit", folder)  # before anything runs
    assert f"--junit {folder} can't be written: Is a directory" in said


def test_check_refuses_what_can_not_be_read(folder, capsys):
    assert "no problem 'nosuch': give a folder" in refused(capsys, 2, "check", "nosuch")
    assert "rtl_core has no problem 'nosuch'" in refused(capsys, 2, "check", "rtl_core/nosuch")
    (folder / "test_mine.py").write_text("import cocotb\nimport nothing_of_this_name\n")
    said = refused(capsys, 2, "check", folder)
    assert f"{folder}/test_mine.py:2: ModuleNotFoundError" in said
    (folder / "test_mine.py").unlink()
    assert "no testbench for mine" in refused(capsys, 3, "check", folder)
    (folder / "problem.yaml").write_text("top: mine\n")
    said = refused(capsys, 2, "check", folder)
    assert f"{folder}/problem.yaml:1: ports: this field is missing" in said


# -- new, tasks, doctor -----------------------------------------------------------------------


def test_new_refuses(tmp_path, capsys):
    assert "must be a Verilog and Python name" in refused(capsys, 2, "new", "A", "--dir", tmp_path)
    assert main(["new", "mine", "--dir", str(tmp_path)]) == 0
    assert "already exists" in refused(capsys, 2, "new", "mine", "--dir", tmp_path)


@pytest.mark.parametrize(
    "idle", ["--top T", "--beside .", "--given .", "--include .", "--define A=1", "--prove"]
)
def test_new_refuses_options_that_would_change_nothing(idle, tmp_path, capsys):
    assert "needs --reference" in refused(
        capsys, 2, "new", "mine", "--dir", tmp_path, *idle.split()
    )
    assert list(tmp_path.iterdir()) == []


def test_commands_to_copy_are_quoted(tmp_path, capsys):
    folder = tmp_path / "my tasks"
    assert main(["new", "mine", "--dir", str(folder)]) == 0
    shown = capsys.readouterr().out.splitlines()[1:]
    assert all(str(folder / "mine") in shlex.split(line) for line in shown)


def test_tasks_lists_own_tasks_and_what_is_missing(folder, tmp_path):
    done = command(
        "tasks", ITERTL_EVAL_TASKS=str(folder.parent), ITERTL_EVAL_CACHE=str(tmp_path), **OFFLINE
    )
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert lines["mine"] == ["1", "1"]
    assert int(lines["rtl_core"][0]) >= 30
    assert lines["rtl_core"][0] == lines["rtl_core"][1]
    for name in ("verilogeval_human", "verilogeval_human_instruct"):
        advice = "its data is not on this machine; run: itertl-eval fetch verilogeval_human"
        assert " ".join(lines[name]) == advice  # and is not fetched by a list
    assert lines["corpus_heldout"][-3:] == ["by", "lm-eval's", "--metadata"]


def test_tasks_lists_what_lm_eval_finds(monkeypatch):
    """By lm-eval's own index of the folder."""
    manager = pytest.importorskip("lm_eval.tasks").TaskManager
    monkeypatch.setenv("ITERTL_EVAL_NO_BRIDGE", "1")
    found = manager(include_path=str(shipped("tasks")), include_defaults=False)
    listed = lm_eval_tasks()
    assert set(listed) == set(found.all_subtasks)
    assert {"verilogeval_machine_instruct", "corpus_heldout"} <= set(listed)
    assert set(CHAT_TASKS) <= set(listed)
    assert all(listed[name] == suite for name, suite in CHAT_TASKS.items())


def test_tasks_path(capsys):
    assert main(["tasks", "--path"]) == 0
    assert (Path(capsys.readouterr().out.strip()) / "rtl_core" / "rtl_core.yaml").exists()


def test_a_wrong_folder_of_own_tasks(monkeypatch, capsys):
    monkeypatch.setenv("ITERTL_EVAL_TASKS", "/nosuch")
    assert "ITERTL_EVAL_TASKS=/nosuch is not a folder" in refused(capsys, 2, "tasks")


def test_a_place_without_permission_is_named(tmp_path, monkeypatch, capsys):
    def refuse(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    said = refused(capsys, 3, "new", "mine", "--dir", tmp_path)
    assert f"Permission denied: {tmp_path}" in said
    assert "use another place" in said


def test_the_version_is_that_of_the_code_that_runs(monkeypatch):
    monkeypatch.setattr(_provenance, "version", lambda _: "0.0.1")
    assert package_versions()["itertl-eval"] == itertl_eval.__version__


def test_a_current_folder_that_is_gone(tmp_path, monkeypatch, capsys):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)

    @ends.command
    def read(_=None):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    with pytest.raises(FileNotFoundError):
        read()
    gone.rmdir()
    assert read() == 3
    assert "change to another one" in capsys.readouterr().err


@pytest.mark.simulator
def test_doctor(tmp_path):
    done = command("doctor", "--json", ITERTL_EVAL_CACHE=str(tmp_path), **OFFLINE)
    assert done.returncode == 0, done.stdout + done.stderr
    facts = json.loads(done.stdout)
    assert facts["simulator"].startswith("Icarus Verilog")
    assert facts["problems"] == []
    assert "told apart" in facts["self_test"]
    icarus = find_icarus()
    assert KNOWN_FAULTS[icarus.major]
    for fault in KNOWN_FAULTS[icarus.major]:
        assert f"{icarus.name} {fault}" in facts["notes"]
    assert facts["suites"]["rtl_core"]["covered"] == facts["suites"]["rtl_core"]["problems"]
    assert "not on this machine" in facts["suites"]["verilogeval_human"]["missing"]


def test_doctor_names_why_there_is_no_sandbox(monkeypatch, capsys):
    refused = SandboxStatus(0, True, "Landlock is disabled at boot")
    monkeypatch.setattr(_doctor, "sandbox_status", lambda: refused)
    monkeypatch.setattr(_doctor, "suite_names", list)
    monkeypatch.delenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX", raising=False)
    assert main(["doctor"]) == 3
    problems = [line for line in capsys.readouterr().out.splitlines() if "PROBLEM" in line]
    assert problems[-1].endswith("not contained: Landlock is disabled at boot")


@pytest.mark.simulator
def test_doctor_blames_no_reference_for_a_failure_of_the_machine(monkeypatch, capsys):
    lost = Verdict("", 0, "infra_error", "simulate", 0.0, 0, 0, "no room", 0.0, False, 0)

    def grade_nothing(items, **_):
        return [replace(lost, task_id=item.problem.id) for item in items]

    monkeypatch.setattr(_doctor, "suite_names", lambda: ["rtl_core"])
    monkeypatch.setattr(_doctor, "grade_many", grade_nothing)
    assert main(["doctor", "--golden", "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    facts = report["suites"]["rtl_core"]
    assert (facts["golden_passed"], facts["golden_failed"], facts["golden_stale"]) == (0, {}, [])
    assert len(report["problems"]) == facts["covered"]
    assert "rtl_core: uart_rx could not be graded: no room" in report["problems"]


@pytest.mark.simulator
def test_results_say_that_there_was_no_sandbox(monkeypatch):
    monkeypatch.delenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX", raising=False)
    safe = protocol_card(load_suite("rtl_core"))["sandbox"]
    monkeypatch.setenv("ITERTL_EVAL_UNSAFE_NO_SANDBOX", "1")
    unsafe = protocol_card(load_suite("rtl_core"))["sandbox"]
    assert safe == str(sandbox_status())
    assert unsafe.startswith("files OPEN")
    assert unsafe.endswith("(ITERTL_EVAL_UNSAFE_NO_SANDBOX=1)")


@pytest.mark.slow
@pytest.mark.simulator
@pytest.mark.data
def test_the_errata_hold_on_this_simulator(capsys):
    code = main(["doctor", "--golden", "--json"])
    report = json.loads(capsys.readouterr().out)
    bad = "_failed", "_stale", "_ungraded"
    suites = report["suites"].items()
    found = {name: {k: v for k, v in f.items() if k.endswith(bad)} for name, f in suites}
    assert code == 0, (found, report["problems"])
    facts = report["suites"]["verilogeval_spec_to_rtl"]
    assert facts["golden_failed"] == {}
    if "official_known" in facts:  # Icarus 13 compiles none of the published benches
        assert "Prob099_m2014_q6c" in facts["official_known"]
