"""CVDP's rows that ask for a smaller design: simulations, and counts of what Yosys makes of it."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from itertl_eval import grade, load_suite
from itertl_eval._util.yosys import counting_yosys
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Item, grade_item
from itertl_eval.grader.harness import _published, _synthesis
from itertl_eval.problem import Suite
from itertl_eval.suites import lacking
from tests.suites.cvdp_rows import COMPOSE, RUNNER, TESTS, fenced, row

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

    def qor(parameters="", **changes):
        runner = RUNNER.replace("[2, random.randint(4, 32)]", "[2]")
        files = {
            "src/test_runner.py": runner.replace('parameters={"WIDTH": width}, ', parameters),
            "docker-compose.yml": COMPOSE + SERVICE,
            "src/area.py": SYNTH,
            "src/area.ys": SCRIPT,
            "src/.env": ENV,
        }
        shown = {"rtl/counter.sv": changes.pop("context_of", LARGE)}
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
    harness = qor().harness
    base = _synthesis.baseline_of(harness, harness.services[1], [{}], unsafe=False)
    assert base.counts["cells"] < 100  # far from the 1000 that the row names
    assert f"{base.counts['cells']} of {base.counts['cells']}" in verdict.message


PARAMETER = "parameter WIDTH = 3"
WIDE = f"""{HEADER.replace("counter(", f"counter #({PARAMETER})(").replace("[1:0]", "[WIDTH-1:0]")}
  assign carry = 0;
"""
WIDE_SMALL = f"""{WIDE}  reg [WIDTH-1:0] q_now;
  assign q = q_now;
  always @(posedge clk) q_now <= rst ? 0 : q_now + 1;
endmodule
"""
WIDE_LARGE = f"""{WIDE}  reg [WIDTH-1:0] q_now;
  reg [19:0] copy;
  assign q = copy[0] ? q_now : 0;
  always @(posedge clk) q_now <= rst ? 0 : q_now + 1;
  always @(posedge clk) copy <= rst ? 1 : {{copy[18:0], copy[19] | copy[0]}};
endmodule
"""
UNKNOWN_WIDE = WIDE_SMALL.replace("rst ? 0", "rst ? (q_now === {WIDTH{1'bx}} ? 0 : q_now)")


def test_the_design_is_read_with_the_parameters_of_each_simulation(qor):
    asked = {
        "parameters": 'parameters={"WIDTH": width}, ',
        "src/test_counter.py": TESTS.replace(
            "await reset(dut)", "assert int(dut.WIDTH.value) == 2; await reset(dut)"
        ),
    }
    problem = qor(context_of=WIDE_LARGE, **asked)
    verdict = grade(problem, fenced(WIDE_SMALL))
    assert (verdict.message, verdict.status) == ("", "pass")
    assert verdict.cases_total == 5
    verdict = grade(problem, fenced(UNKNOWN_WIDE))
    assert verdict.status == "fail"
    assert "as Yosys reads it, the design fails" in verdict.message


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
        pytest.param(
            HIDDEN.replace("`ifdef SYNTHESIS", "`ifndef __ICARUS__").replace(
                "endmodule", "`endif\nendmodule"
            ),
            "service area: ",
            marks=pytest.mark.slow,
        ),
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


def test_the_published_way_needs_a_yosys_that_prints_the_counts(qor, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    yosys = tmp_path / "yosys"
    yosys.write_text("#!/bin/sh\necho '        3 cells'\n")
    yosys.chmod(0o755)
    _published._program.cache_clear()
    counting_yosys.cache_clear()
    verdict = grade_item(Item(qor(), fenced(SMALL), protocol="official"))
    _published._program.cache_clear()
    counting_yosys.cache_clear()
    assert verdict.official["passed"] is None
    assert "CVDP's image has 0.40" in verdict.official["label"]


@pytest.mark.skipif(counting_yosys() is None, reason="no `yosys` that prints the counts")
@pytest.mark.parametrize(
    ("cells", "label"),
    [("1000", "passed"), pytest.param("1", "failed: area: exit code 1", marks=pytest.mark.slow)],
)
def test_the_published_way_compares_with_the_published_counts(qor, cells, label):
    asked = {"src/.env": ENV.replace("1000", cells), "docker-compose.yml": f"services:\n{SERVICE}"}
    problem = qor(**asked)
    verdict = grade_item(Item(problem, fenced(SMALL), protocol="official"))
    assert verdict.official["label"] == label


def test_rows_that_are_refused_are_not_sampled(qor):
    problem = qor()
    lint = replace(problem.harness, refused="lint")
    suite = Suite("rows", [problem, replace(problem, id="b", harness=lint)], revision="1")
    assert suite.covered == (problem.id,)


@pytest.mark.parametrize(
    ("tool", "place", "absent"),
    [("Yosys", "yosys_folder", ""), ("Verilator", "find_verilator", None)],
)
def test_the_suite_needs_its_tools(monkeypatch, tool, place, absent):
    monkeypatch.setattr("itertl_eval.suites.cvdp._suite.yosys_folder", lambda: "/somewhere")
    monkeypatch.setattr("itertl_eval.suites.cvdp._suite.find_verilator", lambda: "somewhere")
    monkeypatch.setattr(f"itertl_eval.suites.cvdp._suite.{place}", lambda: absent)
    monkeypatch.setattr("itertl_eval.suites._registry.find_source", lambda name: {})
    with pytest.raises(InfrastructureError, match=rf"needs {tool} .*itertl-eval\[synth\]"):
        load_suite("cvdp_qor")
    assert f"needs {tool} " in lacking("cvdp_qor")
