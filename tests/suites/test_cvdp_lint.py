"""CVDP's rows that are graded by Verilator's lint, too."""

from __future__ import annotations

import pytest

from itertl_eval import grade
from itertl_eval._util.verilator import Verilator, find_verilator
from itertl_eval.grader import Item, grade_item
from itertl_eval.grader.harness import _lint
from tests.suites.cvdp_rows import COMPOSE, ENV, RUNNER, fenced, row

pytestmark = [
    pytest.mark.simulator,
    pytest.mark.skipif(find_verilator() is None, reason="Verilator is not installed"),
]

SCRIPT = """\
import subprocess

def test_warnings():
    command = "verilator --lint-only -Wall /src/waived.vlt $VERILOG_SOURCES > lint.log 2>&1"
    assert not subprocess.run(command, shell=True).returncode, "there are warnings"
"""
WAIVED = """\
`verilator_config
lint_off -rule DECLFILENAME -file "*/code/rtl/counter.sv" -match "*"
"""
SERVICE = """\
  lint:
    env_file: ./src/.env
    command: pytest /src/lint.py -s -v
"""
CLEAN = """\
module helper(input logic [1:0] a, output logic [1:0] y);
  assign y = a + 2'd1;
endmodule
module counter(input logic clk, input logic rst, output logic [1:0] q, output logic carry);
  logic [1:0] next;
  helper one(.a(q), .y(next));
  assign carry = 1'b0;
  always_ff @(posedge clk) q <= rst ? 2'd0 : next;
endmodule
"""
SUSPICIOUS = CLEAN.replace("a + 2'd1", "a + 3'd1")
LINE = "  assign y = a + 3'd1;\n"


@pytest.fixture
def linted(problem_of):
    """Make a problem whose row asks for a counter without warnings."""

    def linted(**changes):
        runner = RUNNER.replace("[2, random.randint(4, 32)]", "[2]")
        files = {
            "src/test_runner.py": runner.replace('parameters={"WIDTH": width}, ', ""),
            "docker-compose.yml": COMPOSE + SERVICE,
            "src/lint.py": SCRIPT,
            "src/waived.vlt": WAIVED,
            "src/.env": ENV.replace(" /code/rtl/add_one.sv", ""),
        }
        return problem_of(row(categories=["cid007", "easy"], context={}, **files | changes))

    return linted


def test_a_design_without_warnings_passes_and_its_lint_counts_as_a_case(linted):
    verdict = grade(linted(), fenced(CLEAN))
    assert verdict.message == ""
    assert (verdict.cases_passed, verdict.cases_total) == (3, 3)


@pytest.mark.slow
def test_a_wrong_design_fails_before_its_lint(linted):
    verdict = grade(linted(), fenced(CLEAN.replace("2'd1", "2'd2")))
    assert verdict.status == "fail"
    assert "counts: q is 10" in verdict.message


def around(before, after):
    return SUSPICIOUS.replace(LINE, f"{before}\n{LINE}{after}\n")


slow = pytest.mark.slow


@pytest.mark.parametrize(
    "design",
    [
        pytest.param(SUSPICIOUS, id="warned", marks=slow),
        pytest.param(
            around("/* verilator lint_off WIDTH */", "/* verilator lint_on WIDTH */"), id="comment"
        ),
        pytest.param(
            f"`verilator_config\nlint_off -rule WIDTH\n`verilog\n{SUSPICIOUS}",
            id="configuration",
            marks=slow,
        ),
        pytest.param(
            around("`ifdef verilator\n  assign y = 2'd0 & a;\n`else", "`endif"),
            id="macro",
            marks=slow,
        ),
        pytest.param(
            around("`ifdef SYSTEMVERILOG\n  assign y = 2'd0 & a;\n`else", "`endif"),
            id="language",
            marks=slow,
        ),
        pytest.param(
            around("`ifndef __ICARUS__\n  assign y = 2'd0 & a;\n`else", "`endif"), id="simulator"
        ),
    ],
)
def test_a_design_with_warnings_fails_however_it_hides_them(linted, design):
    verdict = grade(linted(), fenced(design))
    assert (verdict.status, verdict.stage) == ("fail", "simulate")
    assert "service lint: Verilator " in verdict.message
    assert "%Warning-WIDTH" in verdict.message
    assert "rtl/counter.sv:" in verdict.message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"src/waived.vlt": f"{WAIVED}lint_off -rule NOSUCHRULE\n"}, "can't do what the row asks"),
        ({"src/lint.py": SCRIPT.replace("not ", "").replace(".returncode", "")}, "exit code"),
        pytest.param(
            {"src/lint.py": SCRIPT.replace("-Wall", "-Wall --exe")},
            "verilator --lint-only -Wall --exe",
            marks=slow,
        ),
        pytest.param(
            {"src/lint.py": SCRIPT.replace("/src/waived.vlt", "/etc/passwd")},
            "/etc/passwd",
            marks=slow,
        ),
    ],
    ids=["configuration", "decision", "option", "file"],
)
def test_a_rule_that_cannot_be_followed_is_refused_by_name(linted, changes, message):
    verdict = grade(linted(**changes), fenced(CLEAN))
    assert verdict.status == "infra_error"
    assert verdict.testbench_fault
    assert message in verdict.message


def test_without_verilator_there_is_no_verdict(linted, monkeypatch):
    monkeypatch.setattr(_lint, "find_verilator", lambda: None)
    verdict = grade_item(Item(linted(), fenced(CLEAN), cache=False))
    assert verdict.status == "infra_error"
    assert "itertl-eval[synth]" in verdict.message


def test_a_verilator_that_is_stopped_is_no_verdict(linted, monkeypatch, tmp_path):
    killed = tmp_path / "verilator"
    killed.write_text("#!/bin/sh\nkill -SEGV $$\n")
    killed.chmod(0o755)
    monkeypatch.setattr(_lint, "find_verilator", lambda: Verilator(str(killed), "", "5"))
    verdict = grade_item(Item(linted(), fenced(CLEAN), cache=False))
    assert verdict.status == "infra_error"
    assert "Verilator 5 ended early" in verdict.message


@pytest.mark.parametrize(
    ("design", "label"),
    [pytest.param(CLEAN, "passed", marks=slow), (SUSPICIOUS, "failed: lint: exit code 1")],
)
def test_the_published_way_runs_the_script_itself(linted, design, label):
    problem = linted(**{"docker-compose.yml": f"services:\n{SERVICE}"})
    verdict = grade_item(Item(problem, fenced(design), protocol="official"))
    assert verdict.official["label"] == label
