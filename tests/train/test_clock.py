"""Where the time went: by phase, the loop's own share, and across a restart."""

from __future__ import annotations

import time

import pytest

from itertl_eval.train.run._clock import Clock
from itertl_eval.train.run._folder import Phase

pytestmark = pytest.mark.train


@pytest.fixture
def now(monkeypatch):
    """A clock that the test moves by hand."""
    at = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])

    def forward(seconds):
        at[0] += seconds

    return forward


def test_phases_overhead_and_what_is_left(tmp_path, now):
    began = time.monotonic()
    now(25.0)  # imports 5, corpus and model 20
    clock = Clock(began, made=20.0)
    sample = Phase(tmp_path / "iteration-01/sample", {})
    with sample.model:
        now(30.0)
    now(2.0)  # rows to disk
    sample.finish()
    clock.add(sample)
    grade = Phase(tmp_path / "iteration-01/grade", {})
    now(8.0)
    grade.finish()
    clock.add(grade)
    now(1.0)
    assert clock.lap() == {
        "seconds": 46.0,
        "phase_seconds": {"start-up": 5.0, "sample": 32.0, "grade": 8.0, "other": 1.0},
        "overhead_share": round(16 / 46, 4),
    }
    fit = Phase(tmp_path / "iteration-01/fit", {})
    with fit.model:
        now(46.0)
    fit.finish()
    clock.add(fit)
    later = clock.lap()
    assert later["phase_seconds"] == {"fit": 46.0, "other": 0.0}
    assert later["overhead_share"] == round(16 / 92, 4)


def test_a_finished_phase_counts_with_the_time_that_it_took(tmp_path, now):
    first = Phase(tmp_path / "sft/fit", {"a": 1})
    with first.model:
        now(10.0)
    first.finish()
    clock = Clock(time.monotonic())
    again = Phase(tmp_path / "sft/fit", {"a": 1})
    assert again.done
    clock.add(again)
    now(0.5)
    record = clock.lap()
    assert record["phase_seconds"] == {"start-up": 0.0, "fit": 10.0, "other": 0.5}
    assert record["overhead_share"] == round(0.5 / 10.5, 4)
