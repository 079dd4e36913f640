"""CVDP: rows become problems, and each row's own harness gives the verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.authoring import check_harness
from itertl_eval.cli._main import main
from itertl_eval.errors import UsageError
from itertl_eval.grader import Item, grade_item
from itertl_eval.grader.harness import published_files
from itertl_eval.problem import Limits
from itertl_eval.suites import SOURCES
from tests.suites.cvdp_rows import (
    ADD_ONE,
    COUNTER,
    ENV,
    HELPER,
    RUNNER,
    TESTS,
    fenced,
    lines,
    non_agentic,
    row,
)


def test_both_forms_of_a_row_are_one_problem(problem_of):
    agentic = problem_of(row(), non_agentic(row()))
    plain = problem_of(row(), non_agentic(row()), which=1)
    assert agentic.id == "own_agentic_counter_0001"
    assert plain.id == "own_copilot_counter_0001"
    assert agentic.harness == plain.harness
    assert agentic.prompt == plain.prompt
    assert (agentic.top, agentic.tags) == ("counter", ("cvdp", "cid003", "easy"))
    [service] = agentic.harness.services
    assert (service.script, service.pytest) == ("test_runner.py", True)
    assert service.environment["TOPLEVEL"] == "counter"
    assert "module add_one" in agentic.prompt.text
    assert "Write a counter." in agentic.prompt.text
    assert "It counts." in agentic.prompt.text
    assert HELPER not in agentic.prompt.text


def test_the_digest_covers_the_harness_and_the_context(problem_of):
    changed = [
        row(),
        row(**{"src/helper.py": HELPER + "\n"}),
        row(context={"rtl/add_one.sv": ADD_ONE + "\n"}),
        row(**{"src/.env": ENV + "A = 1\n"}),
    ]
    assert len({problem_of(each).digest for each in changed}) == 4


@pytest.mark.parametrize("wrong", ["[]", '{"id": "x"}', "{", '{"id": 1, "input": 2}'])
def test_other_files_are_refused(tmp_path, wrong):
    file = tmp_path / "rows.jsonl"
    file.write_text(wrong)
    with pytest.raises(UsageError, match=r"row|JSON"):
        load_suite(str(file))


def test_the_published_files_are_known_by_their_hash():
    assert SOURCES["cvdp"].wanted == ("cvdp_v1.1.0_nonagentic_code_generation_no_commercial.jsonl",)
    assert SOURCES["cvdp"].url.endswith(SOURCES["cvdp"].wanted[0])
    assert not SOURCES["cvdp"].verify({SOURCES["cvdp"].wanted[0]: b"other"})


@pytest.mark.simulator
class TestVerdict:
    def test_a_right_completion_passes_all_tests_of_all_simulations(self, problem_of):
        verdict = grade(problem_of(row()), fenced(COUNTER))
        assert verdict.message == ""
        assert verdict.passed
        assert (verdict.cases_passed, verdict.cases_total) == (4, 4)

    @pytest.mark.parametrize(
        ("design", "stage", "message"),
        [
            (COUNTER.replace("rst ? 0", "rst ? 1"), "simulate", "with service direct, WIDTH=2"),
            (COUNTER.replace("q <=", "q[1:0] <="), "simulate", "WIDTH="),
            (COUNTER.replace("carry = 0", "carry = 1"), "simulate", "wraps: carry after reset"),
            (COUNTER.replace("clk", "clock"), "simulate", "clk"),
            (COUNTER.replace("assign carry", "assigned carry"), "syntax", "rtl/counter.sv:4"),
            (COUNTER.replace("module counter", "module other"), "elaborate", "counter"),
            (COUNTER + ADD_ONE, "elaborate", "rtl/add_one.sv:1"),
            (COUNTER.replace("wire", "initial $finish; wire"), "simulate", "ended before"),
        ],
    )
    def test_a_wrong_completion_fails(self, problem_of, design, stage, message):
        verdict = grade(problem_of(row()), fenced(design))
        assert (verdict.status, verdict.stage) == ("fail", stage), verdict.message
        assert message in verdict.message

    @pytest.mark.parametrize("kind", ["", "[3:0]"])
    def test_inputs_that_a_harness_sets_by_their_type_are_0(self, problem_of, kind):
        held = COUNTER.replace("input rst", f"input rst, input {kind} hold").replace(
            ": next", ": hold ? q : next"
        )
        verdict = grade(problem_of(row()), fenced(held))
        assert verdict.passed, verdict.message

    def test_a_completion_may_repeat_what_the_row_gives_elsewhere(self, problem_of):
        text = f"The adder:\n```verilog\n{ADD_ONE}```\nand\n{fenced(COUNTER)}"
        assert grade(problem_of(row()), text).passed

    def test_designs_see_the_arguments_of_the_simulator(self, problem_of):
        seen = 'reg [7:0] w = 0; initial if (!$value$plusargs("width=%d", w)) $finish; wire'
        design = COUNTER.replace("wire", seen, 1).replace("q <= rst", "q <= (rst | w != WIDTH)")
        assert grade(problem_of(row()), fenced(design)).passed

    def test_equal_completions_get_equal_verdicts_in_any_order(self, problem_of):
        sometimes = COUNTER.replace("rst ? 0", "rst ? 0 : &next[1:0] & $time > 250 ? 0")
        other = row(
            id="own_agentic_counter_0003",
            **{"src/.env": ENV + "WIDER = 1\n", "src/test_counter.py": TESTS + "import random\n"},
        )
        problems = problem_of(row()), problem_of(other)
        texts = [fenced(COUNTER), fenced(sometimes)]
        runs = [
            {
                (number, text): grade_item(Item(problems[number], text, cache=False))
                for number in order
                for text in texts
            }
            for order in ((0, 1), (1, 0))
        ]
        facts = [
            {key: (v.status, v.message, v.cases_passed) for key, v in run.items()} for run in runs
        ]
        assert len(facts[0]) == 4
        assert facts[0] == facts[1]

    @pytest.mark.slow
    def test_variables_of_one_row_do_not_reach_another(self, problem_of):
        asks = TESTS + (
            "\n@cocotb.test()\nasync def alone(dut):\n"
            "    import os\n    assert 'WIDER' not in os.environ\n"
        )
        wide = problem_of(row(**{"src/.env": ENV + "WIDER = 1\n"}))
        bare = problem_of(row(**{"src/test_counter.py": asks}))
        assert grade(wide, fenced(COUNTER)).passed
        assert grade(bare, fenced(COUNTER)).passed

    def test_tests_that_take_chance_at_import_are_settled(self, problem_of):
        late = TESTS.replace("from helper", "N = random.random()\nfrom helper")
        late = late.replace("expected = 0", "expected = 0; print(N); assert 0, N")
        problem = problem_of(row(**{"src/test_counter.py": late}))
        first, second = (grade_item(Item(problem, fenced(COUNTER), cache=False)) for _ in "ab")
        assert "counts: 0." in first.message
        assert first.message == second.message

    def test_a_harness_that_hangs_is_stopped(self, problem_of):
        hangs = TESTS.replace("random.seed(time.time())", "while True: pass")
        problem = problem_of(row(**{"src/test_counter.py": hangs}))
        problem = replace(problem, limits=Limits(wall=60, cpu=1))
        verdict = grade(problem, fenced(COUNTER))
        assert verdict.status == "fail"
        assert "CPU time limit" in verdict.message

    def test_a_test_may_import_what_earlier_versions_of_cocotb_had(self, problem_of):
        old = TESTS.replace(
            "import random\n", "import random\nfrom cocotb.runner import get_runner\n"
        )
        old = f"{old}from cocotb.sim_time_utils import get_sim_time\n"
        old = old.replace(
            "    await reset(dut)", "    await waiting(dut)\n    assert get_sim_time()"
        )
        old += "\n@cocotb.coroutine\nasync def waiting(dut):\n    await reset(dut)\n"
        old += "    await ReadOnly()\n    await ReadOnly()\n    await Timer(1)\n"
        old = old.replace("FallingEdge, Timer", "FallingEdge, ReadOnly, Timer")
        old = old.replace("import TestFailure", "import TestFailure, TestSuccess")
        old = old.replace(
            "@cocotb.test()\nasync def wraps",
            "    raise TestSuccess('counts')\n\n@cocotb.test()\nasync def wraps",
        )
        verdict = grade(problem_of(row(**{"src/test_counter.py": old})), fenced(COUNTER))
        assert verdict.passed, verdict.message

    def test_what_needs_more_of_cocotb_1_is_not_the_designs_fault(self, problem_of):
        old = TESTS.replace("import helper", "").replace("import random", "import cocotb.binary")
        verdict = grade(problem_of(row(**{"src/test_counter.py": old})), fenced(COUNTER))
        assert verdict.status == "infra_error"
        assert "cocotb 1" in verdict.message


@pytest.mark.simulator
class TestFiles:
    @pytest.fixture
    def two(self, problem_of):
        changed = row(patch={"rtl/counter.sv": "", "rtl/add_one.sv": "", "verif/tb.sv": ""})
        return problem_of(changed)

    @pytest.mark.parametrize(
        "text",
        [
            fenced(COUNTER) + fenced(ADD_ONE, "rtl/add_one.sv"),
            f"```verilog\n{COUNTER}\n{ADD_ONE}```",
            f"```verilog\n{ADD_ONE}{ADD_ONE.replace('+', '-')}```\n" + fenced(ADD_ONE + COUNTER),
        ],
    )
    def test_each_file_is_found_by_its_module(self, two, text):
        verdict = grade(two, text)
        assert verdict.passed, verdict.message

    def test_the_form_of_the_published_prompt(self, two):
        value = {"code": [{"rtl/counter.sv": COUNTER}, {"rtl/add_one.sv": ADD_ONE}]}
        assert grade(two, f"Here it is:\n```json\n{json.dumps(value)}\n```").passed

    def test_a_file_that_is_not_written_stays_as_it_was(self, two):
        assert grade(two, fenced(COUNTER)).passed
        verdict = grade(two, fenced(ADD_ONE, "rtl/add_one.sv"))
        assert (verdict.status, verdict.stage) == ("fail", "extract")
        assert "no rtl/counter.sv" in verdict.message


@pytest.mark.simulator
class TestPublishedProtocol:
    @pytest.mark.slow
    def test_the_rows_scripts_decide_by_their_exit_code(self, problem_of):
        plain = TESTS.replace("from cocotb.result import TestFailure\n", "")
        plain = plain.replace("raise TestFailure(", "assert 0, (").replace("clk, 5", "clk, 10")
        plain = plain.replace("await Timer(0)", "").replace("value.integer", "value == 1")
        problem = problem_of(row(**{"src/test_counter.py": plain}))
        verdicts = [
            grade_item(Item(problem, fenced(design), protocol="both"))
            for design in (COUNTER, COUNTER.replace("rst ? 0", "rst ? 1"))
        ]
        assert [verdict.official["passed"] for verdict in verdicts] == [True, False]
        assert [verdict.passed for verdict in verdicts] == [True, False]
        assert verdicts[1].official["label"] == "failed: direct: exit code 1"

    def test_files_are_found_by_the_published_rules(self, problem_of):
        one = problem_of(row()).harness
        two = problem_of(row(patch={"rtl/counter.sv": "", "rtl/add_one.sv": ""})).harness
        several = "```\nfirst\n```\n```\nlast\n```"
        assert published_files(one, several) == {"rtl/counter.sv": "first\n"}
        assert published_files(one, "plain") == {"rtl/counter.sv": "plain"}
        text = 'So: {"code": [{"rtl/add_one.sv": "a // b\nc"}, {"other.sv": ""}]} done'
        assert published_files(two, text) == {"rtl/add_one.sv": "a // bc"}
        assert published_files(two, several) is None

    def test_a_runner_of_cocotb_1_gives_no_verdict(self, problem_of):
        old = RUNNER.replace("cocotb_tools", "cocotb")
        verdict = grade_item(
            Item(
                problem_of(row(**{"src/test_runner.py": old})), fenced(COUNTER), protocol="official"
            )
        )
        assert verdict.status == "infra_error"
        assert "cocotb 1" in verdict.official["label"]


@pytest.mark.simulator
class TestCheck:
    def test_a_harness_that_looks_at_the_design_fails_stubs(self, problem_of):
        found = check_harness(problem_of(row()), jobs=1)
        assert (found.shortcomings, found.unstable) == ([], [])
        assert len(found.simulations) == 2
        assert found.stubs.keys() == {"zeros", "ones", "unknown"}
        assert "not 1" in found.stubs["zeros"]

    @pytest.mark.slow
    def test_one_that_compares_nothing_is_named(self, problem_of, capsys, tmp_path):
        blind = TESTS.replace(
            "assert dut.q.value.to_unsigned() == expected", "assert dut.q == dut.q"
        )
        file = tmp_path / "blind.jsonl"
        file.write_text(lines(row(**{"src/test_counter.py": blind})))
        assert main(["check", f"{file}/own_agentic_counter_0001", "--jobs", "1"]) == 1
        printed = capsys.readouterr().out
        assert "falls short" in printed
        assert "a stub passes: zeros" in printed

    def test_a_harness_that_cannot_run_is_refused(self, problem_of):
        with pytest.raises(UsageError, match="xcelium"):
            check_harness(problem_of(row(**{"src/.env": ENV.replace("icarus", "xcelium")})))

    def test_a_row_that_asks_for_no_design_is_refused(self, problem_of):
        problem = problem_of(row())
        notes = replace(problem.harness, targets=("docs/notes.md",))
        with pytest.raises(UsageError, match="asks for no Verilog file"):
            check_harness(replace(problem, harness=notes))
