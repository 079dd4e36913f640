"""Scores, and the similarity that they use."""

from dataclasses import replace

import pytest

from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.train.data._instruction import PORTS_ONLY
from itertl_eval.train.data._similarity import rouge_l
from itertl_eval.train.scoring._rewards import UNSUPPORTED, reward
from itertl_eval.verdict import SCORES, Verdict

pytestmark = pytest.mark.train


def problem(testbench):
    return Problem("p", "s", "top", (Port("y", "output"),), Prompt("d"), testbench=testbench)


def verdict(stage, score, *, status="fail", pyverilog=None):
    return Verdict("p", 0, status, stage, score, 0, 0, "", 0.0, False, 0, pyverilog=pyverilog)


def lcs(a, b):
    """Return the length of the longest common subsequence by the textbook recurrence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for at, y in enumerate(b, 1):
            here = row[at]
            row[at] = before + 1 if x == y else max(row[at], row[at - 1])
            before = here
    return row[-1]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("assign y = a & b;", "assign y = b & a;"),
        ("always @(posedge clk) q <= d;", "q <= d"),
        ("a b c d e", "e d c b a"),
        ("same words", "Same, WORDS!"),
        ("", "x"),
        ("&&&", "x"),
    ],
)
def test_rouge_l_equals_the_definition(left, right):
    import re

    a, b = (re.findall("[a-z0-9]+", text.lower()) for text in (left, right))
    wanted = 0.0
    if a and b and (common := lcs(a, b)):
        precision, recall = common / len(a), common / len(b)
        wanted = 2 * precision * recall / (precision + recall)
    assert rouge_l(left, right) == pytest.approx(wanted, abs=1e-12)


def test_functional_is_the_score_of_the_verdict(tmp_path):
    bench = tmp_path / "bench.py"
    assert reward("functional", problem(bench), verdict("simulate", 0.35), "x", "y") == 0.35


@pytest.mark.parametrize("testbench", [PORTS_ONLY, None])
@pytest.mark.parametrize(("stage", "score"), [("syntax", 0.05), ("elaborate", 0.1)])
def test_a_design_that_the_simulator_does_not_support_has_its_own_reward(testbench, stage, score):
    """More than a text that does not compile, less than a design with the wrong ports."""
    gap = replace(verdict(stage, score), unsupported=True)
    assert reward("functional", problem(testbench), gap, "a", "a") == UNSUPPORTED
    assert SCORES["elaborate"] < UNSUPPORTED < SCORES["interface"]
    assert UNSUPPORTED not in SCORES.values()


def test_paper_is_syntax_or_else_similarity(tmp_path):
    bench = tmp_path / "bench.py"
    parsed = verdict("simulate", 0.2, pyverilog=True)
    refused = verdict("syntax", 0.05, pyverilog=False)
    assert reward("paper", problem(bench), parsed, "a", "b") == 1.0
    assert reward("paper", problem(bench), refused, "a b", "a b c d") == pytest.approx(4 / 6)
    assert reward("paper", problem(bench), verdict("extract", 0.0), "", "a") == 0.0


def test_without_a_testbench_nothing_passes():
    elaborated = verdict("pass", 1.0, status="pass")
    assert reward("functional", problem(PORTS_ONLY), elaborated, "a b", "a b") == 0.5
    assert reward("functional", problem(PORTS_ONLY), elaborated, "z", "a b") == 0.2
    assert reward("functional", problem(PORTS_ONLY), verdict("syntax", 0.05), "a", "a") == 0.05


def test_an_infrastructure_error_has_no_score():
    with pytest.raises(ValueError, match="not graded"):
        reward("functional", problem(None), verdict("syntax", 0, status="infra_error"), "a", "a")
