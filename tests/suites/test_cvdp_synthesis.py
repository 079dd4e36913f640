"""CVDP's rows that ask for a smaller design: simulations, and counts of what Yosys makes of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Item, grade_item
from itertl_eval.grader.harness import _synthesis
from itertl_eval.problem import Suite
from itertl_eval.suites import lacking
from tests.suites.cvdp_rows import COMPOSE, RUNNER, fenced, row

pytestmark = [pytest.mark.simulator, pytest.mark.formal]

SYNTH = """\
import os
import re
import subprocess

def test_area():
    log = "/code/rundir/yosys.log"
    subprocess.run(f"yosys -s /src/area.ys -l {log}", shell=True)
    found = dict(re.findall(r"^ +Number of ([a-z]+): +([0-9]+)", open(log).read(), re.M))
    before = int(os.environ["CELLS"])
    assert int(found["cells"]) < 0.8 * before, f"{found['cells']} of {before}"
"""
SCRIPT = """\
# a comment
read_verilog -sv /code/rtl/counter.sv
hierarchy -check -top counter

synth -top counter
"""
SERVICE = """\
  area:
    build:
      dockerfile: src/Dockerfile.synth
    env_file: ./src/.env
    command: pytest /src/area.py -s -v
"""
ENV = """\
SIM = icarus
VERILOG_SOURCES = /code/rtl/counter.sv
TOPLEVEL = counter
MODULE = test_counter
CELLS = 1000
"""
HEADER = "module counter(input clk, input rst, output [1:0] q, output carry);\n"
LARGE = f"""{HEADER}  reg [3:0] ring;
  assign carry = 0;
  assign q = ring[3] ? 3 : ring[2] ? 2 : ring[1] ? 1 : 0;
  always @(posedge clk) if (rst) ring <= 1; else ring <= {{ring[2:0], ring[3]}};
endmodule
"""
SMALL = f"""{HEADER}  reg [1:0] q_now;
  assign carry = 0, q = q_now;
  always @(posedge clk) q_now <= rst ? 0 : q_now + 1;
endmodule
"""


@pytest.fixture
def qor(problem_of):
    """Make a problem whose row asks for a smaller counter; `changes` are files of its harness."""

    def qor(**changes):
        runner = RUNNER.replace("[2, random.randint(4, 32)]", "[2]")
        files = {
            "src/test_runner.py": runner.replace('parameters={"WIDTH": width}, ', ""),
            "docker-compose.yml": COMPOSE + SERVICE,
            "src/area.py": SYNTH,
            "src/area.ys": SCRIPT,
            "src/.env": ENV,
        }
        shown = {"rtl/counter.sv": LARGE}
        return problem_of(row(categories=["cid007", "easy"], context=shown, **files | changes))

    return qor


def test_a_smaller_design_passes_and_its_cases_count(qor):
    verdict = grade(qor(), fenced(SMALL))
    assert verdict.message == ""
    assert verdict.passed
    # two tests, the synthesis, and the same tests on what Yosys has read
    assert (verdict.cases_passed, verdict.cases_total) == (5, 5)


def test_the_rows_own_file_is_measured_with_the_same_yosys(qor):
    verdict = grade(qor(), fenced(LARGE))
    assert (verdict.status, verdict.stage) == ("fail", "simulate")
    assert "service area: " in verdict.message
    base = _synthesis.baseline_of(qor().harness, qor().harness.services[1], unsafe=False)
    assert base.counts["cells"] < 100  # far from the 1000 that the row names
    assert f"{base.counts['cells']} of {base.counts['cells']}" in verdict.message


TRIVIAL = "assign q = 0, carry = 0;"
HIDDEN = LARGE.replace(HEADER, f"{HEADER}`ifdef SYNTHESIS\n{TRIVIAL}\n`else\n")
COMMENTED = LARGE.replace(HEADER, f"{HEADER}// synthesis translate_off\n")
UNKNOWN = SMALL.replace("rst ? 0", "rst ? (q_now === 2'bxx ? 0 : q_now)")
BOXED = f"""{HEADER}core hidden(clk, rst, q, carry);
endmodule
(* blackbox *) {LARGE.replace("module counter", "module core")}"""


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (HIDDEN.replace("endmodule", "`endif\nendmodule"), "service area: "),
        (
            SMALL.replace("  assign", "  integer f; initial f = $fopen(0);\n  assign"),
            "be synthesized",
        ),
        pytest.param(SMALL.replace("+ 1", "+ 2"), "counts: q is 10", marks=pytest.mark.slow),
        pytest.param(
            COMMENTED.replace("endmodule", "// synthesis translate_on\nendmodule"),
            "service area: ",
            marks=pytest.mark.slow,
        ),
        pytest.param(UNKNOWN, "as Yosys reads it, the design fails", marks=pytest.mark.slow),
        pytest.param(
            LARGE.replace("endmodule", 'initial $display("   Number of cells:   1");\nendmodule'),
            "service area: ",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_what_is_wrong_or_only_looks_small_fails(qor, design, message):
    verdict = grade(qor(), fenced(design))
    assert verdict.status == "fail"
    assert message in verdict.message


@pytest.mark.slow
def test_a_black_box_fails(qor):
    files = {"code": [{"rtl/counter.sv": BOXED}]}  # a fence would lose the attribute
    verdict = grade(qor(), json.dumps(files))
    assert verdict.status == "fail"
    assert "core is a black box" in verdict.message


def test_a_rule_that_is_not_understood_is_refused_by_name(qor):
    odd = SYNTH.replace("yosys -s", "yosys -Q -s")
    verdict = grade(qor(**{"src/area.py": odd}), fenced(SMALL))
    assert verdict.status == "infra_error"
    assert "yosys -Q -s" in verdict.message
    lint = SYNTH.replace("yosys -s /src/area.ys -l {log}", "verilator --lint-only /code/rtl/a.sv")
    verdict = grade(qor(**{"src/area.py": lint}), fenced(SMALL))
    assert verdict.status == "infra_error"
    assert "Verilator's lint" in verdict.message


def test_without_yosys_there_is_no_verdict(qor, monkeypatch):
    monkeypatch.setattr(_synthesis, "yosys_folder", lambda: "")
    verdict = grade_item(Item(qor(), fenced(SMALL), cache=False))
    assert verdict.status == "infra_error"
    assert "itertl-eval[synth]" in verdict.message


@pytest.mark.slow
def test_a_machine_that_can_synthesize_nothing_is_not_the_designs_fault(qor, monkeypatch):
    real = _synthesis.synthesize
    broken = []

    def synthesize(*given, **named):
        done = real(*given, **named)
        return replace(done, fault="no space left") if broken else done

    monkeypatch.setattr("itertl_eval.grader.harness._simulate.synthesize", synthesize)
    assert grade_item(Item(qor(), fenced(SMALL), cache=False)).passed
    broken.append(True)
    verdict = grade_item(Item(qor(), fenced(SMALL), cache=False))
    assert verdict.status == "infra_error"
    assert "no space left" in verdict.message


def test_the_published_way_gives_no_verdict(qor):
    verdict = grade_item(Item(qor(), fenced(SMALL), protocol="official"))
    assert verdict.official["passed"] is None
    assert "Yosys 0.40" in verdict.official["label"]


def test_rows_that_are_refused_are_not_sampled(qor):
    problem = qor()
    lint = replace(problem.harness, refused="lint")
    suite = Suite("rows", [problem, replace(problem, id="b", harness=lint)], revision="1")
    assert suite.covered == (problem.id,)


def test_the_suite_needs_yosys(monkeypatch):
    monkeypatch.setattr("itertl_eval.suites.cvdp._suite.yosys_folder", lambda: "")
    monkeypatch.setattr("itertl_eval.suites._registry.yosys_folder", lambda: "")
    monkeypatch.setattr("itertl_eval.suites._registry.find_source", lambda name: {})
    with pytest.raises(InfrastructureError, match=r"itertl-eval\[synth\]"):
        load_suite("cvdp_qor")
    assert "itertl-eval[synth]" in lacking("cvdp_qor")
