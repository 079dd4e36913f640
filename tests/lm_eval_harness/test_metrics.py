"""One problem's verdicts as numbers, the same as `itertl-eval grade` makes of them."""

from dataclasses import replace

import pytest

from itertl_eval.lm_eval._metrics import aggregation_of, metric_names, scores_of
from itertl_eval.results import rtllm_mean, summarize
from tests.verdicts import verdict

pytestmark = pytest.mark.lm_eval


def graded(sample, status, *, official):
    stage = "pass" if status == "pass" else "simulate"
    published = {"passed": official, "label": "."}
    return verdict(stage, status=status, sample=sample, cases_total=1, official=published)


def test_the_share_of_what_the_simulator_lacks_is_a_metric():
    gap = replace(graded(0, "fail", official=False), stage="elaborate", unsupported=True)
    rows = [gap.as_row(), graded(1, "pass", official=True).as_row()]
    names = metric_names(2, "cocotb")
    assert names["unsupported"] is False  # lower is better
    assert scores_of(rows, names)["unsupported"] == 0.5
    assert "unsupported" not in metric_names(2, "official")


def test_an_infra_error_keeps_its_published_verdict():
    verdicts = [
        graded(0, "pass", official=True),
        graded(1, "infra_error", official=True),
        graded(2, "fail", official=False),
    ]
    found = scores_of(
        [v.as_row() for v in verdicts], metric_names(3, "both", "verilogeval_spec_to_rtl")
    )
    assert found["pass@1"] == 1 / 2
    assert "pass@3" not in found
    assert found["official_pass@1"] == pytest.approx(2 / 3, abs=1e-12)
    assert found["official_pass@3"] == 1.0
    assert found["official_percent_as_v2_reports_it"] == 66
    summary = summarize(verdicts).metrics()
    for name in ("pass@1", "syntax@1", "official_pass@1", "official_pass@3"):
        assert found[name] == summary[name]["value"]


def test_rtllms_script_skips_a_design_and_averages_over_one_more():
    names = metric_names(1, "both", "rtllm")
    metric = "official_pass@1_as_rtllm_reports_it"
    found = []
    for task_id in ("a", "b", "freq_divbyfrac"):
        row = {**graded(0, "pass", official=True).as_row(), "task_id": task_id}
        found.append(scores_of([row], names)[metric])
    assert found == [1.0, 1.0, 0.0]
    assert aggregation_of(metric)(found) == 2 / 4
    rates = dict.fromkeys(("a", "b", "freq_divbyfrac"), 1.0)
    assert rtllm_mean(rates) == 2 / 4
    assert metric not in metric_names(1, "both", "verilogeval_spec_to_rtl")
    assert metric not in metric_names(1, "cocotb", "rtllm")


def test_problems_whose_harness_fails_no_design_are_left_out_of_a_metric():
    names = metric_names(1, "cocotb", "cvdp_agentic")
    assert "pass@1_without_errata" not in metric_names(1, "cocotb", "rtllm")
    sound = [graded(0, "pass", official=None).as_row()]
    blind = [{**sound[0], "task_id": "cvdp_agentic_cont_adder_0001"}]
    assert scores_of(sound, names)["pass@1_without_errata"] == 1
    assert scores_of(blind, names)["pass@1"] == 1
    assert "pass@1_without_errata" not in scores_of(blind, names)
    assert aggregation_of("pass@1_without_errata")([1, 0]) == 0.5
