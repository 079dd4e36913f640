"""Intervals and the paired test against what is known of them."""

import math

import pytest

from itertl_eval.report import collect
from itertl_eval.report._benchmark import Benchmark, verdict_of
from itertl_eval.report.inputs._sources import Report
from itertl_eval.report.page._page import render, scores_of
from itertl_eval.report.statistics._compare import bootstrap, compare_all, difference, sign_flip
from itertl_eval.report.statistics._interval import Z, interval
from itertl_eval.results._pass_at_k import mean_and_error
from tests.report.inputs import row, rows_of, write_lines, write_lm_eval


def test_interval_of_a_share_is_wilsons():
    values = [1.0] * 30 + [0.0] * 70
    mean, error = mean_and_error(values)
    n = len(values) - 1  # the sample variance has n - 1 in its denominator
    root = Z * math.sqrt(0.3 * 0.7 / n + Z**2 / (4 * n**2))
    expected = [(0.3 + Z**2 / (2 * n) + sign * root) / (1 + Z**2 / n) for sign in (-1, 1)]
    assert interval(mean, error, 100) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_interval_at_the_ends_is_not_empty(mean):
    low, high = interval(mean, 0.0, 156)
    assert 0 <= low <= mean <= high <= 1
    assert high - low == pytest.approx(Z**2 / (156 + Z**2))


def test_interval_of_one_problem_is_unknown():
    assert interval(1.0, math.nan, 1) is None


def test_bootstrap_is_near_the_normal_interval():
    values = [((i * 37) % 101) / 101 - 0.3 for i in range(200)]
    mean, error = mean_and_error(values)
    low, high = bootstrap(values)
    assert low == pytest.approx(mean - Z * error, abs=0.1 * error)
    assert high == pytest.approx(mean + Z * error, abs=0.1 * error)
    assert (low, high) == bootstrap(values)


def test_sign_flip():
    assert sign_flip([0.0, 0.0]) == 1.0
    assert sign_flip([0.5, -0.5, 0.5, -0.5]) > 0.9
    assert sign_flip([0.2] * 4) == pytest.approx(2 / 16, abs=0.02)
    assert sign_flip([0.2] * 30) < 0.001


def test_difference():
    found = difference("pass@1", [(0.0, 1.0)] * 12 + [(1.0, 0.5)] * 3 + [(0.5, 0.5)] * 5)
    assert (found.better, found.worse, found.equal) == (12, 3, 5)
    assert found.value == pytest.approx((12 - 1.5) / 20)
    assert found.low < found.value < found.high
    assert found.finding == "better"
    few = difference("pass@1", [(0.0, 1.0)] * 4)
    assert few.low > 0
    assert few.finding == "no clear difference"


def test_runs_on_one_suite_are_compared_with_the_first(tmp_path):
    one = {"a": "pass syntax", "b": "pass pass", "only": "pass pass"}
    two = {"a": "pass pass", "b": "syntax syntax"}
    write_lm_eval(tmp_path / "0", rows_of(one), temperature=0.8)
    write_lm_eval(tmp_path / "1", rows_of(one), task="verilogeval_human")
    write_lm_eval(tmp_path / "2", rows_of(two), temperature=0.2)
    verdicts = write_lines(tmp_path / "v.jsonl", rows_of(two))
    report = collect([tmp_path / "0", tmp_path / "1", tmp_path / "2", verdicts])
    first, second = compare_all(report.benchmarks)
    assert (first.baseline, first.other) == (0, 2)
    assert (second.baseline, second.other) == (0, 3)
    assert [d.metric for d in first.differences] == ["pass@1", "syntax@1"]
    assert first.differences[0].value == pytest.approx(-0.25)
    assert first.changed == [("b", 1.0, 0.0), ("a", 0.5, 1.0)]
    assert first.only_baseline == 1
    assert ("task.metadata.temperature", "0.8", "0.2") in first.settings


def test_published_verdicts_alone_are_compared_as_such(tmp_path):
    """Our testbenches said nothing, so there is neither pass@1 nor a stage to show."""
    for name, right in (("one", True), ("two", False)):
        graded = {"protocol": "official", "official": {"passed": right, "label": "L"}}
        rows = [row(task, 0, "pass" if right else "simulate", **graded) for task in "abc"]
        write_lm_eval(tmp_path / name, rows, scores={"official_pass@1,graded": float(right)})
    benchmarks = collect([tmp_path / "one", tmp_path / "two"]).benchmarks
    (comparison,) = compare_all(benchmarks)
    assert [d.metric for d in comparison.differences] == ["official_pass@1"]
    assert [score.name for score in scores_of(benchmarks[0])] == ["official_pass@1"]
    assert not any(benchmarks[1].summary.stages.values())
    page = render(Report(benchmarks))
    assert "official_pass@1" in page


def test_the_score_without_errata_is_beside_pass_and_counts_fewer_problems():
    verdicts = [
        verdict_of({"task_id": name, "status": status, "stage": stage}, "here", 0)
        for name, status, stage in (
            ("cvdp_agentic_cont_adder_0001", "pass", "pass"),
            *((f"p{number}", "fail", "simulate") for number in range(3)),
        )
    ]
    found = scores_of(Benchmark("m", "cvdp_agentic", "file", verdicts))
    assert [score.name for score in found] == ["pass@1", "pass@1_without_errata", "syntax@1"]
    assert found[1].value == 0
    assert found[1].bounds == interval(0, 0, 3)
