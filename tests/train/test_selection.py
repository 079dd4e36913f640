"""The final model: chosen on one half of the held-out problems, reported on the other."""

from __future__ import annotations

import math
import random

import pytest

from itertl_eval.train._selection import Evaluated, Selection
from itertl_eval.train.models import Checkpoint

pytestmark = pytest.mark.train
PROBLEMS = [f"suite/p{n}" for n in range(10)]


def evaluated(stage, value):
    rates = value if isinstance(value, dict) else dict.fromkeys(PROBLEMS, value)
    return Evaluated(stage, Checkpoint(stage, stage), rates)


def choose(*models, base=None, problems=PROBLEMS):
    selection = Selection(problems)
    if base is not None:
        selection.add(evaluated("base", base), trained=False, iteration=False)
    for number, value in enumerate(models, 1):
        one = evaluated(f"iteration-{number:02}", value)
        selection.add(one, trained=True, iteration=True)
    return selection


def test_the_halves_are_disjoint_and_do_not_depend_on_the_order():
    one, other = Selection(PROBLEMS), Selection(PROBLEMS[::-1])
    assert one.choosing == other.choosing
    assert sorted(one.choosing + one.reporting) == PROBLEMS
    assert len(one.choosing) == 5


def test_only_the_choosing_half_chooses():
    first = choose(0.5)
    flattered = {name: 1.0 if name in first.reporting else 0.4 for name in PROBLEMS}
    selection = choose(0.5, flattered)
    assert selection.best.stage == "iteration-01"
    assert selection.columns(flattered)["choosing_pass@1"] == 0.4
    assert selection.columns(flattered)["reporting_pass@1"] == 1.0


def test_the_reported_half_is_not_flattered_by_the_choice():
    """Twenty equal models: the best of them is lucky, but not on the other half."""
    source = random.Random(0)
    chosen, reported = [], []
    for _ in range(300):
        draws = [{name: float(source.random() < 0.5) for name in PROBLEMS} for _ in range(20)]
        selection = choose(*draws)
        columns = selection.columns(selection.best.rates)
        chosen.append(columns["choosing_pass@1"])
        reported.append(columns["reporting_pass@1"])
    assert sum(chosen) / len(chosen) > 0.8
    assert sum(reported) / len(reported) == pytest.approx(0.5, abs=0.05)


def test_what_was_not_graded_is_never_the_best():
    selection = choose({}, 0.25, {})
    assert selection.best.stage == "iteration-02"
    assert selection.rounds_without_gain == 1
    assert math.isnan(selection.columns({})["choosing_pass@1"])


def test_a_model_that_is_not_better_than_the_base_is_said_to_be_so():
    selection = choose(0.25, base=0.5)
    assert selection.better_than_base is False
    assert "base model, which passes 0.500" in selection.summary()[0]
    better = choose(0.75, base=0.5)
    assert better.better_than_base is True
    assert "(base 0.500; gain +0.250 ± 0.000)" in better.summary()[0]
    unknown = choose(0.75)
    assert unknown.better_than_base is None
    assert "was not evaluated" in unknown.summary()[-1]


def test_one_problem_is_called_a_maximum():
    selection = choose({"suite/p0": 1.0}, base={"suite/p0": 0.0}, problems=PROBLEMS[:1])
    assert selection.reporting == []
    assert "is a maximum" in selection.summary()[0]
