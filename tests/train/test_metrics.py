"""The numbers of metrics.jsonl and the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval.train.outputs.metrics import (
    behaviours,
    histogram,
    pass_rates,
    problem_counts,
    sample_facts,
    table,
)
from itertl_eval.train.sampling import Sample
from itertl_eval.train.scoring._scored import ScoredSample

pytestmark = pytest.mark.train


def scored(problem, number, passed, reward=0.0):
    stage = "pass" if passed else "simulate"
    return ScoredSample(problem, number, 1.0 if passed else reward, passed, stage, "x", 0.0, "")


def test_pass_rates_leave_errors_out():
    rows = [scored("a", 0, True), scored("a", 1, False), scored("b", 0, False)]
    rows.append(scored("b", 1, False, reward=None))
    found = pass_rates(rows, 2)
    assert found["stages"] == {"pass": 1, "simulate": 2, "infra_error": 1}
    assert found["pass@1"] == pytest.approx(0.25)
    assert found["pass@2"] == 1.0  # b has one graded sample, too few for pass@2
    assert found["heldout"] == 2
    assert found["infra_errors"] == 1
    assert problem_counts(rows) == {
        "a": {"passed": 1, "graded": 2},
        "b": {"passed": 0, "graded": 1},
    }


def test_a_design_that_no_testbench_has_seen_is_no_pass():
    rows = [
        scored("a", 0, True),
        scored("a", 1, False),
        replace(scored("b", 0, True), tested=False),
    ]
    samples = [Sample(row.problem_id, row.number, "m", None, None, "eos") for row in rows]
    found = sample_facts(samples, {row.key: row for row in rows})
    assert (found["train_passed"], found["train_solved"]) == (0.5, 1.0)
    assert (found["train_untested"], found["train_unique_passing"]) == (1, 1)
    assert found["train_stages"] == {"pass": 1, "simulate": 1, "untested": 1}
    assert ScoredSample.from_row(rows[2].as_row()) == rows[2]


def test_behaviours_count_different_verdicts():
    def one(problem, stage, score, message):
        return ScoredSample(problem, 0, score, stage == "pass", stage, "", score, message)

    rows = [
        one("a", "pass", 1.0, ""),
        one("a", "pass", 1.0, "all 4 test cases passed"),
        one("a", "simulate", 0.5, "y: expected 0, got 1"),
        one("a", "simulate", 0.5, "y: expected 0, got X"),
        one("b", "syntax", 0.1, "line 2"),
    ]
    assert behaviours(rows) == 2.0
    assert behaviours([]) == 0.0


def test_histogram_and_table():
    assert histogram([0.0, 0.05, 0.99, 1.0]) == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    text = table([{"stage": "base", "pass@1": 0.5, "pass@1_se": 0.1}, {"stage": "sft"}])
    assert text.splitlines()[1].split() == ["base", "0.500", "0.100"]
    assert text.splitlines()[2].split() == ["sft", "-", "-"]
