"""From verdicts to numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from itertl_eval.results._summary import Summary, summarize
from itertl_eval.verdict import STAGES
from tests import verdicts


def verdict(task_id="a", stage="pass", sample=0, official=None, **facts):
    published = None if official is None else {"passed": official, "label": "L"}
    facts = {"task_id": task_id, "sample": sample, "message": "why", **facts}
    return verdicts.verdict(stage, official=published, **facts)


def values(summary):
    return {name: number["value"] for name, number in summary.metrics().items()}


def test_counts_by_stage():
    facts = summarize(verdict(stage=stage) for stage in [*STAGES, "simulate"]).as_dict()
    assert facts["stages"] == {**dict.fromkeys(STAGES, 1), "simulate": 2}
    assert (facts["samples"], facts["passed"], facts["problems"]) == (8, 1, 1)


def test_pass_and_syntax_at_k():
    """a: one of five passes, two more compile; b: none does either."""
    stages = {"a": ["pass", "simulate", "interface", "elaborate", "syntax"], "b": ["extract"] * 5}
    summary = summarize(verdict(t, stage) for t, rows in stages.items() for stage in rows)
    found = values(summary)
    assert set(found) == {"pass@1", "syntax@1", "pass@5", "syntax@5"}
    assert found["pass@1"] == pytest.approx(0.1)
    assert found["pass@5"] == pytest.approx(0.5)
    assert found["syntax@1"] == pytest.approx(0.3)
    assert summary.metrics()["pass@5"]["stderr"] == pytest.approx(0.5)


def test_a_k_that_one_problem_has_not_is_left_out():
    rows = [verdict("a") for _ in range(5)] + [verdict("b", "syntax") for _ in range(2)]
    assert set(values(summarize(rows))) == {"pass@1", "syntax@1", "pass@2", "syntax@2"}


def test_infrastructure_errors_are_no_samples():
    summary = summarize([verdict(), verdict(stage="simulate", status="infra_error")])
    assert values(summary)["pass@1"] == 1
    facts = summary.as_dict()
    assert (facts["infra_errors"], facts["samples"], facts["passed"]) == (1, 2, 1)
    assert sum(facts["stages"].values()) == 1
    only = summarize([verdict(status="infra_error")])
    assert only.metrics() == {}


def test_the_share_of_what_the_simulator_lacks_is_said():
    gap = replace(verdict(stage="elaborate"), unsupported=True)
    lost = replace(gap, status="infra_error")
    summary = summarize([gap, verdict(), verdict(stage="syntax"), verdict(stage="syntax"), lost])
    assert summary.as_dict()["unsupported"] == 1
    (remark,) = summary.remarks()
    assert remark.startswith("1 of 4 samples (25.0%) are valid designs")


def test_one_problem_gives_no_error():
    assert math.isnan(summarize([verdict()]).metrics()["pass@1"]["stderr"])
    assert Summary().as_dict()["metrics"] == {}


def test_published_verdicts_and_where_they_disagree():
    rows = [
        verdict("a", "pass", official=True),
        verdict("a", "simulate", sample=1, official=True),
        verdict("b", "simulate", official=False),
        verdict("b", "simulate", sample=1, status="infra_error", official=True),
    ]
    summary = summarize(rows)
    assert summary.v2_percents() == {"a": 100, "b": 50}
    assert values(summary)["official_pass@1"] == pytest.approx(0.75)
    assert values(summary)["pass@1"] == pytest.approx(0.25)
    assert summary.as_dict()["disagreements"] == [
        {"task_id": "a", "sample": 1, "cocotb": "simulate: why", "official": "L"}
    ]


def test_where_the_published_harness_judged_alone_nothing_of_ours_is_counted():
    rows = [
        replace(verdict("a", stage, official=stage == "pass"), protocol="official")
        for stage in ("pass", "simulate", "extract")
    ]
    summary = summarize(rows)
    assert set(values(summary)) == {"official_pass@1", "official_pass@3"}
    facts = summary.as_dict()
    assert (facts["samples"], facts["passed"], facts["problems"]) == (3, 1, 1)
    assert not any(facts["stages"].values())
    assert rows[0].as_row()["protocol"] == "official"
    assert "protocol" not in verdict().as_row()


def test_a_problem_without_a_sample_is_named_and_counts_zero_over_the_whole_suite():
    """One right completion for one of three problems is not a score of 1."""
    summary = summarize([verdict("a")], ["a", "b", "c"])
    assert values(summary) == {"pass@1": 1, "syntax@1": 1}
    assert summary.missing == ["b", "c"]
    assert summary.whole_suite()["pass@1"]["value"] == pytest.approx(1 / 3)
    assert summary.as_dict()["whole_suite"]["pass@1"]["value"] == pytest.approx(1 / 3)
    (remark,) = summary.remarks()
    assert "2 of 3 problems have no sample" in remark
    assert "b, c" in remark
    assert "pass@1 0.3333" in remark


def test_problems_with_fewer_samples_are_named():
    rows = [verdict("a", sample=at) for at in range(5)] + [verdict("b")]
    rows.append(verdict("c", status="infra_error"))
    summary = summarize(rows, ["a", "b", "c"])
    assert summary.fewer == {"b": 1, "c": 0}
    (remark,) = summary.remarks()
    assert "b 1, c 0" in remark
    assert "pass@k is left out" in remark


def test_a_complete_run_has_no_remark():
    complete = summarize([verdict("a"), verdict("b")], ["a", "b"])
    assert complete.remarks() == []
    assert complete.as_dict()["whole_suite"] == {}


def test_rtllms_script_counts_a_missing_design_as_failed():
    rows = [verdict("a", "pass", official=True), verdict("freq_divbyfrac", "pass", official=True)]
    assert summarize(rows, {"a", "b", "freq_divbyfrac"}).rtllm_means() == {"pass@1": 1 / 4}
    assert summarize([], {"a"}).rtllm_means() == {}


def test_problems_whose_harness_fails_no_design_are_left_out_of_a_score_of_their_own():
    blind, other = "cvdp_agentic_cont_adder_0001", "cvdp_agentic_adder_0001"
    both = summarize([verdict(blind), verdict(other, "simulate")])
    assert values(both)["pass@1"] == 0.5
    assert values(both)["pass@1_without_errata"] == 0
    assert "pass@1_without_errata" not in values(summarize([verdict(other)]))
    assert "pass@1_without_errata" not in values(summarize([verdict(blind)]))
