"""Whose limit a design is judged by, and what the published harness's verdict says alone."""

import pytest

from itertl_eval.grader import Item, grade_many
from itertl_eval.grader import _grade_item as grading
from itertl_eval.grader._job import Seconds
from itertl_eval.grader._outcome import Case, Outcome
from itertl_eval.suites import load_suite
from tests.designs import ADDER


@pytest.mark.data
@pytest.mark.simulator
@pytest.mark.parametrize(
    ("text", "stage", "label"),
    [
        ("garbage", "syntax", "failed: syntax error."),
        ("assign nothing.x = 1;\nendmodule", "elaborate", "failed: compile error."),
        ("endmodule", "simulate", "failed: "),
    ],
)
def test_a_published_verdict_names_the_stage_of_its_label(published, text, stage, label):
    problem = load_suite("verilogeval_human")["fsm3s"]
    (verdict,) = grade_many([Item(problem, text, protocol="official")])
    assert verdict.official["label"].startswith(label)
    assert (verdict.stage, verdict.protocol, verdict.passed) == (stage, "official", False)


@pytest.mark.simulator
@pytest.mark.parametrize("cpu", [0.2, 0.3])
def test_only_the_limit_of_the_reference_fails_a_design(monkeypatch, cpu):
    """The first, short limit asks for the reference's time, whatever the clocks say of it."""
    limits = []

    def run(job, *_):
        limits.append(job.simulation)
        if len(limits) == 1:
            return Outcome(stage="simulate", cpu=cpu, signal=27)
        return Outcome(
            stage="simulate", cpu=cpu, cases=[Case("sums", True)], cases_total=1, finished=True
        )

    monkeypatch.setattr(grading.pool, "run", run)
    monkeypatch.setattr(grading, "known_limit", lambda *_: None)
    monkeypatch.setattr(grading, "limit_of", lambda *_: Seconds(4, 3))
    (verdict,) = grade_many([Item(ADDER, ADDER.reference, cache=False)], jobs=1)
    assert verdict.passed, verdict.message
    assert limits == [0.25, 3]
