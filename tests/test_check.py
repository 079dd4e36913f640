"""check accepts a sound problem and reports each kind of shortcoming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from itertl_eval import load_suite
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.authoring.soundness import _runs
from itertl_eval.authoring.soundness._check import check
from itertl_eval.authoring.soundness._specification import leaked_lines, parameters_of
from itertl_eval.authoring.soundness._stubs import stub_designs
from itertl_eval.cli import main
from itertl_eval.cli._check import text
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.problem import Problem, Prompt
from itertl_eval.verdict import ungraded
from itertl_eval.verilog import slang
from tests.designs import ADDER, COUNTER

SPEC = Prompt("adder: adds a and b to sum")
SOUND = replace(ADDER, prompt=SPEC)


def bench(folder: Path, body: str) -> Path:
    file = folder / "bench.py"
    head = (
        "from itertl_eval.bench import Bench\n"
        "bench = Bench(lambda i: i.a + i.b, inputs={'a': 4, 'b': 4}, outputs={'sum': 5})\n"
    )
    file.write_text(head + body)
    return file


@pytest.mark.simulator
def test_accepts_a_sound_problem():
    report = check(SOUND, limit=6, jobs=1)
    assert report.shortcomings == []
    assert set(report.reference) == {0, 1, 2, "reversed"}
    assert report.mutants == report.killed > 0
    assert report.mutation_score == 1
    assert report.as_dict()["mutation_score"] == 1
    assert "sound" in text(report)


@pytest.mark.simulator
def test_a_failing_reference_is_reported_once_and_ends_the_check():
    wrong = replace(SOUND, reference=ADDER.reference.replace("a + b", "a - b"))
    report = check(wrong, jobs=1)
    [line] = report.shortcomings
    assert line.startswith("the reference fails: ")
    assert "sum: expected" in line
    assert report.mutants == 0
    assert report.mutation_score == 0
    assert "mutants" not in text(report)


@pytest.mark.simulator
def test_a_machine_that_fails_is_no_reference_that_fails(monkeypatch, capsys):
    def failing(items, **_):
        for index, item in enumerate(items):
            yield index, ungraded(item.problem.id, index, item.seed, "no room")

    monkeypatch.setattr(_runs, "grade_stream", failing)
    assert main(["check", "edge_detector"]) == 3
    said = capsys.readouterr().out
    assert "reference        not graded" in said
    assert "4 of 4 runs could not be graded: no room" in said


def test_a_weak_testbench_lets_stubs_and_mutants_pass(tmp_path):
    weak = bench(tmp_path, "@bench.case\ndef zeros(rng):\n    return bench.every(a=0, b=0)\n")
    report = check(replace(SOUND, testbench=weak), limit=6, jobs=1)
    assert "zero" in report.stubs_passing
    assert "a stub passes: zero" in report.shortcomings
    assert report.survivors
    assert any("mutants survive" in line for line in report.shortcomings)
    survivor = report.survivors[0]
    assert survivor["line"] == 2
    assert "-  assign sum = a + b;" in survivor["diff"]
    page = text(report)
    assert f"  survive at sum:\n    line 2: {survivor['what']}" in page
    assert survivor["diff"].splitlines()[-1] not in page
    assert survivor["diff"].splitlines()[-1] in text(report, diffs=True)
    assert "SOME PASS" in page


@pytest.mark.simulator
def test_the_required_score_can_be_set(tmp_path):
    half = bench(tmp_path, "@bench.case\ndef no_b(rng):\n    return bench.every('a', b=0)\n")
    strict = check(replace(SOUND, testbench=half), limit=12, min_score=1, jobs=1)
    assert 0 < strict.mutation_score < 1
    [line] = strict.shortcomings
    assert "required 1.00" in line
    report = check(replace(SOUND, testbench=half), limit=12, min_score=0.01, jobs=1)
    assert report.shortcomings == []


@pytest.mark.simulator
def test_lists_mutants_whose_verdict_depends_on_the_seed(tmp_path):
    lucky = bench(
        tmp_path,
        "@bench.case\ndef sometimes(rng):\n"
        "    import cocotb\n"
        "    flip = cocotb.RANDOM_SEED % 2\n"
        "    return bench.every() if flip else bench.every('a', b=0)\n",
    )
    report = check(replace(SOUND, testbench=lucky), limit=20, jobs=1)
    assert report.seed_dependent
    assert all(line.startswith("line 2: ") for line in report.seed_dependent)
    assert "seed-dependent   line 2: " in text(report)


@pytest.mark.simulator
def test_finds_test_cases_that_depend_on_one_another(tmp_path):
    """The second case passes only after the first, in the reference and in mutants."""
    (tmp_path / "state.py").write_text("seen = []\n")
    chained = bench(
        tmp_path,
        "import state\n\n\n"
        "@bench.case\ndef first(rng):\n    state.seen.append(1)\n    return bench.every()\n\n\n"
        "@bench.case\ndef second(rng):\n    assert state.seen\n    return bench.every()\n",
    )
    report = check(replace(SOUND, testbench=chained), limit=2, jobs=1)
    assert report.reference["reversed"].startswith("second: ")
    assert [report.reference[seed] for seed in (0, 1, 2)] == ["pass"] * 3
    [line] = report.shortcomings
    assert line.startswith("the reference fails with its test cases in reverse order: second: ")


@pytest.mark.simulator
def test_lists_mutants_whose_verdict_depends_on_the_order(tmp_path):
    forgetful = bench(
        tmp_path,
        "COUNT = []\n\n\n"
        "@bench.case\ndef looks(rng):\n    return bench.every() if COUNT else [{}]\n\n\n"
        "@bench.case\ndef counts(rng):\n    COUNT.append(1)\n    return bench.every('a', b=0)\n",
    )
    report = check(replace(SOUND, testbench=forgetful), limit=20, min_score=0, jobs=1)
    assert report.order_dependent
    assert f"order-dependent  {report.order_dependent[0]}" in text(report)


@pytest.mark.simulator
def test_mutants_listed_as_equivalent_do_not_count(tmp_path):
    half = bench(tmp_path, "@bench.case\ndef no_b(rng):\n    return bench.every('a', b=0)\n")
    listed = {
        "assign sum = a - b;": "b is always zero",
        "assign sum = a + b; -> assign sum = a | b;": "likewise",
        "assign sum = b;": "wrong: it is noticed",
    }
    task = replace(SOUND, testbench=half, equivalent=listed)
    report = check(task, min_score=0, jobs=1)
    assert "b is always zero" in [row["reason"] for row in report.equivalent]
    assert "assign sum = a - b;" not in str(report.survivors)
    assert report.mutants == report.killed + len(report.survivors)
    [line] = report.shortcomings
    assert line.startswith("listed as equivalent, but noticed: line 2: ")


@pytest.mark.simulator
def test_the_spec_must_name_ports_and_module():
    silent = replace(SOUND, prompt=Prompt("adds a and b; the result is called Sum"))
    report = check(silent, limit=1, jobs=1)
    assert report.shortcomings == [
        "the spec does not mention port sum",
        "the spec does not mention module adder",
    ]


@pytest.mark.simulator
def test_parameters_must_be_in_spec_and_reference():
    prompt = Prompt("counter: clk, rst, q of WIDTH bits")
    assert check(replace(COUNTER, prompt=prompt), limit=1, jobs=1).unmentioned_names == []
    other = replace(COUNTER, prompt=prompt, parameters=({"WIDTH": 4, "DEPTH": 2},))
    report = check(other, limit=1, jobs=1)
    assert report.shortcomings[-2:] == [
        "the spec does not mention parameter DEPTH",
        "the reference has no parameter DEPTH",
    ]


BROKEN = {
    "import": ("import nothing_of_this_name\n", 1, "No module named 'nothing_of_this_name'"),
    "syntax": ("x = 1\n\ndef f(:\n", 3, "SyntaxError"),
    "no_tests": ("import cocotb\n\n\nasync def a(dut): ...\n", 1, "no tests"),
    "name": ("import cocotb\n\n\n@cocotb.tset()\nasync def a(dut): ...\n", 4, "tset"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_reports_the_line_of_a_testbench_that_can_not_be_loaded(tmp_path, name):
    content, line, words = BROKEN[name]
    file = tmp_path / "bench.py"
    file.write_text(content)
    with pytest.raises(UsageError) as caught:
        check(replace(SOUND, testbench=file))
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert words in str(caught.value)


def test_a_problem_without_a_testbench_is_refused():
    with pytest.raises(InfrastructureError, match="no testbench for adder"):
        check(replace(SOUND, testbench=None))


# -- stubs ------------------------------------------------------------------------------------


def test_stubs_keep_parameters_helpers_and_port_widths():
    reference = (
        "module helper(input a); endmodule\n"
        "module top #(parameter W = 3)(input [W-1:0] a, output reg [W-1:0] y, output logic z);\n"
        "  always @* y = ~a;\n  assign z = 1;\nendmodule\n"
    )
    ports = slang.ports(reference, "top")
    assert ports is not None
    problem = Problem("top", "tests", "top", ports, Prompt(""), reference)
    stubs = stub_designs(problem)
    assert set(stubs) == {"empty", "zero", "ones", "unknown", "inputs"}
    for stub in stubs.values():
        assert "parameter W = 3" in stub
        assert "module helper" in stub
        assert "~a" not in stub
        assert slang.ports(stub, "top") == ports
    assert "assign y = {a};" in stubs["inputs"]
    assert parameters_of(stubs["zero"], "top") == {"W"}


def test_stubs_of_a_non_ansi_header_are_written_from_the_ports():
    old = "module adder(a, b, sum); input [3:0] a, b; output [4:0] sum; assign sum = a; endmodule"
    stub = stub_designs(replace(ADDER, reference=old))["zero"]
    assert slang.ports(stub, "adder") == ADDER.ports
    assert "assign sum = a" not in stub


@pytest.mark.simulator
def test_stubs_of_a_parametrised_problem_are_simulated():
    from itertl_eval import grade

    for stub in stub_designs(COUNTER).values():
        verdict = grade(COUNTER, stub)
        assert verdict.stage == "simulate"
        assert "width_is_the_parameter" not in verdict.message


def test_local_parameters_can_not_be_set():
    source = "module m #(parameter A = 1, localparam B = 2)(input x); parameter C = 3; endmodule"
    assert parameters_of(source, "m") == {"A"}
    assert parameters_of(source, "n") == set()


# -- leaks ------------------------------------------------------------------------------------


def leak(spec: str) -> list[str]:
    return leaked_lines(replace(COUNTER, prompt=Prompt(spec)))


def test_finds_code_of_the_reference_in_the_spec():
    code = "always @(posedge clk) if (rst) q <= 0; else q <= q + 1;"
    assert leak(f"Write:\n\n    {code}\n") == [code]
    assert leak(f"`{code.replace(' ', '  ')}`") == [code]
    assert leak("module counter #(parameter WIDTH = 4) (input clk, rst)") == []
    assert leak("count with each clock") == []


@pytest.mark.simulator
def test_a_leak_is_a_shortcoming(tmp_path):
    folder = new_task("leaky", tmp_path)
    with (folder / "spec.md").open("a") as spec:
        spec.write("\n    else if (enable) count <= count + 4'd1;\n")
    report = check(load_suite(str(folder))["leaky"], limit=1, jobs=1)
    assert report.shortcomings == [
        "the spec shows the reference: else if (enable) count <= count + 4'd1;"
    ]
