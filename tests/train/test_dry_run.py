"""--dry_run: counts, and the time from a run or a trial."""

from __future__ import annotations

import json
import re

import pytest

from itertl_eval.train import _dry_run as estimate

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_dry_run_counts(recipe):
    text = estimate.estimate(recipe(iterations=3, eval_samples=5))
    *lines, note, _ = text.splitlines()
    assert note.startswith("before anything is left out")
    rows = dict(line.rsplit("  ", 1) for line in lines)
    numbers = {name.strip(): int(value.replace(",", "")) for name, value in rows.items()}
    assert numbers["samples for training"] == 4 * 2 * 3
    assert numbers["samples for evaluation"] == 4 * 5 * 5
    assert numbers["updates"] == 1 + 3
    assert re.match(
        r"at the [\d.]+ samples a second of a trial with 4, \d+ tokens each", text.splitlines()[-1]
    )


def test_dry_run_without_a_model_says_when_time_is_known(recipe, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    text = estimate.estimate(recipe(model=None, train_data=[], heldout_data=[]))
    assert "until the small model is made" in text.splitlines()[-1]
    text = estimate.estimate(recipe(model=str(tmp_path / "none")))
    assert "because the model can't be tried" in text.splitlines()[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_time_is_estimated_from_what_a_run_has_measured(tmp_path):
    rows = [
        {"stage": "base", "seconds": 99.0, "stages": {"pass": 4}},
        {"stage": "iteration-01", "train_samples": 16, "seconds": 10.0, "stages": {"pass": 4}},
    ]
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert estimate.measured(tmp_path) == {"samples_per_second": 2.0}
    assert estimate.measured(tmp_path / "new") == {}
