"""A testbench finds its own modules, files and cocotb as in a simulation."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import grade, grade_many, load_suite
from itertl_eval.authoring import check
from itertl_eval.cli._check import text
from itertl_eval.errors import UsageError
from itertl_eval.grader import DirectWorker, find_icarus, interpret, make_job
from itertl_eval.problem import Problem

pytestmark = pytest.mark.simulator

YAML = """\
top: {top}
ports:
  - {{name: a, direction: input, width: 8}}
  - {{name: y, direction: output, width: 8}}
"""
DESIGN = "module {top}(input [7:0] a, output [7:0] y);\n  assign y = a + 8'd{n};\nendmodule\n"
BENCH = """
import cocotb
from cocotb.triggers import Timer
{head}

@cocotb.test()
async def adds(dut):
{body}
    for a in (0, 1, 77, 254):
        dut.a.value = a
        await Timer(1, "ns")
        assert dut.y.value == (a + {n}) % 256, f"y: expected a + {{{n}}}, got {{dut.y.value}}"
"""


def make(
    parent: Path, head: str = "", body: str = "    pass", *, n: str = "3", name: str = "add", k=3
) -> Path:
    """A task folder whose design adds `k`; the test expects `n`, an expression."""
    folder = parent / name
    folder.mkdir(parents=True)
    (folder / "problem.yaml").write_text(YAML.format(top=name))
    (folder / "spec.md").write_text(f"{name}: y is a plus {k}\n")
    (folder / "reference.sv").write_text(DESIGN.format(top=name, n=k))
    head, body = textwrap.dedent(head), textwrap.indent(textwrap.dedent(body), "    ")
    (folder / f"test_{name}.py").write_text(BENCH.format(head=head, body=body or "    pass", n=n))
    return folder


def problem_of(folder: Path) -> Problem:
    return load_suite(str(folder))[folder.name]


def outcome(folder: Path) -> tuple[str, str]:
    problem = problem_of(folder)
    verdict = grade(problem, problem.reference)
    return verdict.status, verdict.message


def direct(problem: Problem):
    """Grade the reference without the fork server."""
    worker = DirectWorker(find_icarus())
    try:
        return interpret(worker.run(make_job(problem, problem.reference, {}, 1)))
    finally:
        worker.close()


# -- its own modules --------------------------------------------------------------------------


def test_two_tasks_with_helper_packages_of_the_same_name(tmp_path):
    items = []
    for k in (3, 4):
        folder = make(
            tmp_path,
            "from lib.golden import N",
            "import lib.late\nn = lib.late.N",
            n="n",
            name=f"add{k}",
            k=k,
        )
        (folder / "lib").mkdir()
        (folder / "lib" / "__init__.py").write_text("")
        (folder / "lib" / "golden.py").write_text(f"N = {k}\n")
        (folder / "lib" / "late.py").write_text("from lib.golden import N\n")
        items.append((problem_of(folder), problem_of(folder).reference))
    verdicts = grade_many([*items * 3], jobs=1, cache=False)
    assert [(v.status, v.message) for v in verdicts] == [("pass", "")] * 6


def test_a_changed_search_path_or_environment_does_not_reach_another_testbench(tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "shared.py").write_text("N = 3\n")
    first = make(
        tmp_path,
        "import os, sys\nsys.path.append('../common')\nsys.path.append(os.path.dirname(__file__) + "
        "'/../common')\nos.environ['LEFT'] = '1'\nfrom shared import N",
        "n = N + int(os.environ.get('LEFT', 0)) * 0",
        n="n",
        name="first",
    )
    second = make(
        tmp_path, "import os\nLEFT = 'LEFT' in os.environ", "import shared", name="second"
    )
    assert outcome(first) == ("pass", "")
    status, message = outcome(second)
    assert status == "infra_error"
    assert "No module named 'shared'" in message


# -- files while the test runs ----------------------------------------------------------------


def test_data_that_problem_yaml_names_is_readable(tmp_path):
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "n.txt").write_text("3")
    body = "n = int((Path(__file__).parents[1] / 'vectors' / 'n.txt').read_text())"
    folder = make(tmp_path, "from pathlib import Path", body, n="n")
    status, message = outcome(folder)
    assert status == "infra_error"
    assert "PermissionError" in message
    assert "`data` in problem.yaml" in message
    with (folder / "problem.yaml").open("a") as file:
        file.write("data: [../vectors]\n")
    assert outcome(folder) == ("pass", "")
    (tmp_path / "vectors" / "n.txt").write_text("4")
    assert outcome(folder)[0] == "fail"
    shutil.rmtree(tmp_path / "vectors")
    with pytest.raises(UsageError, match=r"data: .*vectors is missing"):
        problem_of(folder)


@pytest.mark.parametrize("name", ["reference.sv", "spec.md", "sub/reference.sv"])
@pytest.mark.parametrize("grader", ["fork", "direct"])
def test_the_reference_stays_out_of_reach(tmp_path, name, grader):
    body = f"open({str(tmp_path / 'add' / name)!r}).read()"
    folder = make(tmp_path, "", body)
    if name == "sub/reference.sv":
        (folder / "sub").mkdir()
        (folder / "sub" / "other.txt").write_text("1")
        (folder / "reference.sv").rename(folder / name)
        with (folder / "problem.yaml").open("a") as file:
            file.write(f"reference: {name}\ndata: [sub]\n")
    problem = problem_of(folder)
    verdict = grade(problem, problem.reference) if grader == "fork" else direct(problem)
    assert verdict.status == "infra_error"
    assert "PermissionError" in verdict.message


REFUSED = {
    "subprocess": ("import subprocess", "subprocess.run(['true'])", "no other programs"),
    "network": ("import socket", "socket.socket()", "no other programs and no network"),
    "other file": ("", "open('/etc/passwd').read()", "`data` in problem.yaml"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_stays_refused_is_an_infrastructure_error_with_that_reason(tmp_path, name):
    head, body, reason = REFUSED[name]
    status, message = outcome(make(tmp_path, head, body))
    assert status == "infra_error"
    assert reason in message


def test_threads_and_bridges_work(tmp_path):
    head = """
        import threading
        from cocotb.task import bridge, resume

        @resume
        async def wait():
            await Timer(1, "ns")

        @bridge
        def blocking():
            wait()
            return 3
    """
    assert outcome(make(tmp_path, head, "n = await blocking()", n="n")) == ("pass", "")


def test_environment_of_problem_yaml(tmp_path):
    head = "import os\nN = int(os.environ['ADDEND']) + int(os.environ.get('PARAM_K') or 0)"
    folder = make(tmp_path, head, "n = int(os.environ['ADDEND'])\nassert n == N", n="n")
    status, message = outcome(folder)
    assert status == "infra_error"
    assert "KeyError: 'ADDEND'" in message
    with (folder / "problem.yaml").open("a") as file:
        file.write("environment: {ADDEND: '3'}\n")
    assert outcome(folder) == ("pass", "")
    problem = problem_of(folder)
    assert direct(problem).status == "pass"
    assert problem.digest != replace(problem, environment={"ADDEND": "4"}).digest
    with (folder / "problem.yaml").open("a") as file:
        file.write("  COCOTB_TOPLEVEL: x\n")
    (folder / "problem.yaml").write_text(
        YAML.format(top="add") + "environment:\n  COCOTB_TOPLEVEL: x\n"
    )
    with pytest.raises(UsageError, match="'COCOTB_TOPLEVEL' is set by the grader"):
        problem_of(folder)


def test_environment_takes_the_value_of_a_parameter(tmp_path):
    folder = make(tmp_path)
    with (folder / "problem.yaml").open("a") as file:
        file.write("parameters: [{K: 3}]\nenvironment: {PARAM_K: '{K}', OTHER: '{X}'}\n")
    job = make_job(problem_of(folder), "", {"K": 3}, 0)
    assert job.frame.environment == {"PARAM_K": "3", "OTHER": "{X}"}


# -- cocotb at import -------------------------------------------------------------------------

AT_IMPORT = {
    "SIM_NAME": "if cocotb.SIM_NAME:\n    n = 3",
    "is_simulation": "if cocotb.is_simulation:\n    n = 3",
    "is_running": "from cocotb import simulator\nif simulator.is_running():\n    n = 3",
    "plusargs": "if cocotb.plusargs.get('n') is None:\n    n = 3",
    "log": "cocotb.log.info('imported')\nn = 3",
    "top": "n = len(cocotb.top.a) - 5",
    "top_is_asked_for": "n = 3 if getattr(cocotb, 'top', None) is not None else 0",
    "seed": "n = 3 if cocotb.RANDOM_SEED else 0",
    "version": "n = 3 if cocotb.SIM_VERSION[0].isdigit() else 0",
}


@pytest.mark.parametrize("name", AT_IMPORT)
def test_cocotb_at_import_is_as_in_a_simulation(tmp_path, name):
    problem = problem_of(make(tmp_path, AT_IMPORT[name], n="n"))
    verdict = grade(problem, problem.reference)
    assert (verdict.status, verdict.message) == ("pass", "")
    wrong = grade(problem, problem.reference.replace("8'd3", "8'd4"))
    assert wrong.status == "fail"
    assert direct(problem).status == "pass"
    result = check(problem, limit=3, jobs=1)
    assert result.shortcomings == []
    late = name in ("top", "top_is_asked_for", "seed", "version")
    assert bool(result.loading) == late
    assert ("loading          in each simulation, because it reads cocotb." in text(result)) == late


def test_tests_that_a_port_width_parametrises_are_all_run(tmp_path):
    folder = make(tmp_path)
    (folder / "test_add.py").write_text(
        "import cocotb\nfrom cocotb.triggers import Timer\nfrom lib import STEP\n"
        "W = len(cocotb.top.a)\n\n\n"
        "@cocotb.test()\n@cocotb.parametrize(bit=range(W))\n"
        "async def one_bit(dut, bit):\n    dut.a.value = STEP << bit\n    await Timer(1, 'ns')\n"
        "    assert dut.y.value == (3 + (1 << bit)) % 256\n"
    )
    (folder / "lib.py").write_text("STEP = 1\n")
    problem = problem_of(folder)
    verdict = grade(problem, problem.reference)
    assert (verdict.status, verdict.cases_passed, verdict.cases_total) == ("pass", 8, 8)
    (folder / "lib.py").write_text("STEP = 2\n")
    assert grade(problem, problem.reference).status == "fail"


def test_random_numbers_at_import_come_from_the_seed(tmp_path):
    head = "import random\nVALUES = [random.randrange(1 << 60) for _ in range(4)]\n"
    problem = problem_of(make(tmp_path, head, "assert not VALUES, VALUES"))
    messages = [
        grade(problem, problem.reference, seed=seed, cache=False).message for seed in (0, 0, 1)
    ]
    assert messages[0] == messages[1] != messages[2]
    assert "random numbers at import" in check(problem, limit=1, jobs=1).loading


def test_a_mistake_after_the_question_for_the_top_level_has_its_line(tmp_path):
    folder = make(tmp_path, "W = len(cocotb.top.a)\nfrom nothing import x")
    status, message = outcome(folder)
    assert status == "infra_error"
    assert (
        f"the testbench can't be used: {folder / 'test_add.py'}:5: ModuleNotFoundError" in message
    )
    with pytest.raises(UsageError, match=r"test_add\.py:5: ModuleNotFoundError"):
        check(problem_of(folder))
