"""The published protocol: its verdicts as they are, forged ones among them."""

from __future__ import annotations

import dataclasses
import time

import pytest

from itertl_eval import Item, grade_many
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.published import official, published_bench
from itertl_eval.grader.published._v2 import letter_of
from itertl_eval.problem import Problem, Prompt
from itertl_eval.results import FORGEABLE, summarize
from itertl_eval.suites import load_suite
from itertl_eval.verdict import Verdict
from tests.grader.published_designs import ENDLESS_CONSTANT, body, v2_problem, v2_reference

PROMPT = Prompt("")
FORGED = 'initial begin $display("Mismatches: 0 in 1 samples"); $finish; end\nendmodule\n'


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize("suite", ["verilogeval_human", "verilogeval_machine"])
@pytest.mark.parametrize("name", ["fsm3s", "vector4", "popcount3", "dff8ar", "zero"])
@pytest.mark.usefixtures("old_enough")
def test_references_pass(suite, name):
    problem = load_suite(suite)[name]
    assert official(problem, body(problem)) == {"passed": True, "label": "passed"}


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ("in ? D : A", "in ? D : B", "failed: 4 out of 230 samples."),
        ("in ? D : A", "in ? D : ", "failed: syntax error."),
        ("in ? D : A", "in ? D : Q", "failed: compile error."),
        ("endmodule", "wire unused = undeclared;\nendmodule", "failed: compile error."),
        ("endmodule", "wire [3:0] w = in[4];\nendmodule", "failed: compile error."),
        ("endmodule", 'initial $fwrite(32\'h80000002, "!");\nendmodule', "failed: compile error."),
    ],
)
def test_wrong_designs_fail(fsm3s, old, new, label):
    text = body(fsm3s).replace(old, new)
    assert official(fsm3s, text) == {"passed": False, "label": label}


@pytest.mark.simulator
@pytest.mark.data
def test_a_completion_is_taken_as_it_stands(fsm3s):
    fenced = official(fsm3s, f"```verilog\n{body(fsm3s)}```\n")
    repeated = official(fsm3s, fsm3s.reference)
    assert fenced["label"] == repeated["label"] == "failed: syntax error."


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize("completion", [FORGED, "initial $finish;\nendmodule"])
def test_a_forged_verdict_passes_as_published(fsm3s, completion):
    """The verdict's own line, or an end before the first clock: no mismatch was counted."""
    assert official(fsm3s, completion) == {"passed": True, "label": "passed"}


@pytest.mark.simulator
@pytest.mark.data
def test_text_that_is_no_unicode_fails(fsm3s):
    assert official(fsm3s, "\udc80endmodule")["label"].startswith("failed: ")


@pytest.mark.data
def test_other_suites_have_no_published_bench():
    problem = Problem("mine", "own", "top", (), PROMPT)
    with pytest.raises(UsageError, match="no published harness"):
        published_bench(problem)
    with pytest.raises(UsageError, match="no published harness"):
        published_bench(dataclasses.replace(problem, suite="verilogeval_human"))


@pytest.mark.simulator
@pytest.mark.data
def test_a_simulator_that_compiles_no_bench_is_refused(monkeypatch):
    new = dataclasses.replace(find_icarus(), version="13.0")
    monkeypatch.setattr("itertl_eval.grader.published._official.find_icarus", lambda: new)
    problem = load_suite("verilogeval_human")["zero"]
    with pytest.raises(InfrastructureError, match="version 11 or 12"):
        official(problem, body(problem))


def test_a_log_of_the_largest_size_is_read_in_no_time():
    newlines, verdicts = 4_000_000 * "\r\n", 300_000 * "Mismatches: 3 in 9 samples\n"
    started = time.process_time()
    assert letter_of(newlines, "") == letter_of(verdicts, "") == "R"
    assert letter_of(f"{newlines}Mismatches: 0 in 9 samples", "") == "."
    assert time.process_time() - started < 3


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.usefixtures("old_enough")
def test_the_published_verdict_never_decides_ours(monkeypatch):
    problem = v2_problem("Prob035_count1to10")
    printing = f'initial begin $display("Mismatches: {5000 * "0"} in 1 samples"); $finish; end'
    forging = v2_reference(problem).replace("endmodule", f"{printing}\nendmodule")

    def grade_both() -> Verdict:
        (verdict,) = grade_many([Item(problem, forging, cache=False, protocol="both")])
        return verdict

    verdict = grade_both()
    assert verdict.official == {"passed": True, "label": "."}
    assert (verdict.status, verdict.stage) == ("fail", "simulate")

    def broken(*_args: object, **_settings: object) -> str:
        raise RecursionError("too deep")

    monkeypatch.setattr("itertl_eval.grader.published._v2.run", broken)
    verdict = grade_both()
    assert verdict.official == {"passed": None, "label": "not graded: RecursionError: too deep"}
    assert (verdict.status, verdict.stage) == ("fail", "simulate")


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.usefixtures("old_enough")
def test_a_bench_that_the_simulator_rejects_gives_no_verdict(fsm3s):
    here = find_icarus().version.split(".")[0]
    bench = dataclasses.replace(fsm3s.published, rejected_by=frozenset({here}))
    problem = dataclasses.replace(fsm3s, published=bench)
    found = official(problem, body(problem))
    assert found["passed"] is None
    assert "can't compile the published testbench" in found["label"]
    both, alone = grade_many(
        [
            Item(problem, body(problem), cache=False, protocol="both"),
            Item(problem, body(problem), cache=False, protocol="official"),
        ]
    )
    assert both.passed
    assert alone.status == "infra_error"
    assert "can't compile" in alone.message
    summary = summarize([both, alone])
    (remark,) = summary.remarks()
    assert "fsm3s" in remark
    assert "can't compile" in remark
    summary = summarize([both])
    assert not [name for name in summary.metrics() if name.startswith("official")]
    assert summary.disagreements == []


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.usefixtures("old_enough")
def test_the_published_protocol_alone_says_that_it_can_be_forged(fsm3s):
    alone, both = grade_many(
        [
            Item(fsm3s, FORGED, cache=False, protocol="official"),
            Item(fsm3s, FORGED, cache=False, protocol="both"),
        ]
    )
    assert alone.passed
    assert summarize([alone]).remarks() == [FORGEABLE]
    assert not both.passed
    assert summarize([both]).remarks() == []
    assert summarize([both]).disagreements


@pytest.mark.data
def test_only_the_listed_simulators_reject_a_bench():
    suite = load_suite("verilogeval_human")
    rejected = {name: p.published.rejected_by for name, p in suite.items() if p.published}
    assert len(rejected) == 156
    assert {name: found for name, found in rejected.items() if found} == {
        "review2015_fsm": {"11"},
        "review2015_fancytimer": {"11"},
    }


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize("task", ["spec_to_rtl", "code_complete"])
@pytest.mark.parametrize("name", ["Prob001_zero", "Prob035_count1to10", "Prob139_2013_q2bfsm"])
@pytest.mark.usefixtures("old_enough")
def test_v2_references_pass(task, name):
    problem = v2_problem(name, task)
    answer = f"Here you are.\n```verilog\n{v2_reference(problem)}```\nDone."
    assert official(problem, answer) == {"passed": True, "label": "."}


@pytest.mark.simulator
@pytest.mark.data
@pytest.mark.parametrize(
    ("old", "new", "letter"),
    [
        ("q+1", "q+2", "R"),
        ("always @(posedge clk)", "always @(posedge clk or posedge reset)", "r"),
        ("q+1", "q+1 +", "S"),
        ("q+1", "q+0'h1", "0"),
        ("q+1", "q+nothing", "p"),
        ("posedge clk", "posedge missing", "p"),
        ("endmodule", "other helper();\nendmodule", "m"),
        ("endmodule", "initial forever ;\nendmodule", "T"),
        ("endmodule", ENDLESS_CONSTANT, "T"),
    ],
)
@pytest.mark.usefixtures("old_enough")
def test_v2_letters(old, new, letter):
    problem = v2_problem("Prob035_count1to10")
    reference = v2_reference(problem)
    assert old in reference
    answer = f"[BEGIN]\n{reference.replace(old, new)}\n[DONE]"
    found = official(problem, answer, seconds=4)
    assert found == {"passed": False, "label": letter}
