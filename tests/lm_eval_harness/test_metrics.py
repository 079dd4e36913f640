"""One problem's verdicts as numbers, the same as `itertl-eval grade` makes of them."""

from dataclasses import replace

import pytest

from itertl_eval.lm_eval._metrics import metric_names, scores_of
from itertl_eval.results._summary import summarize
from itertl_eval.verdict import Verdict

pytestmark = pytest.mark.lm_eval


def verdict(sample, status, *, official):
    return Verdict(
        task_id="x",
        sample=sample,
        status=status,
        stage="pass" if status == "pass" else "simulate",
        score=0.0,
        cases_passed=0,
        cases_total=1,
        message="",
        seconds=0.0,
        cached=False,
        seed=0,
        official={"passed": official, "label": "."},
    )


def test_the_share_of_what_the_simulator_lacks_is_a_metric():
    gap = replace(verdict(0, "fail", official=False), stage="elaborate", unsupported=True)
    rows = [gap.as_row(), verdict(1, "pass", official=True).as_row()]
    names = metric_names(2, "cocotb", v2=False)
    assert names["unsupported"] is False  # lower is better
    assert scores_of(rows, names)["unsupported"] == 0.5
    assert "unsupported" not in metric_names(2, "official", v2=False)


def test_an_infra_error_keeps_its_published_verdict():
    verdicts = [
        verdict(0, "pass", official=True),
        verdict(1, "infra_error", official=True),
        verdict(2, "fail", official=False),
    ]
    found = scores_of([v.as_row() for v in verdicts], metric_names(3, "both", v2=True))
    assert found["pass@1"] == 1 / 2
    assert "pass@3" not in found
    assert found["official_pass@1"] == pytest.approx(2 / 3, abs=1e-12)
    assert found["official_pass@3"] == 1.0
    assert found["official_percent_as_v2_reports_it"] == 66
    summary = summarize(verdicts).metrics()
    for name in ("pass@1", "syntax@1", "official_pass@1", "official_pass@3"):
        assert found[name] == summary[name]["value"]
