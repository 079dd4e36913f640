"""Which instructions an iteration samples for."""

from __future__ import annotations

from pathlib import Path

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.problem import Port, Problem, Prompt
from itertl_eval.train._curriculum import Curriculum
from itertl_eval.train.config import make_recipe
from itertl_eval.train.data import Instruction, choose_in_turn
from itertl_eval.train.scoring import ScoredSample

pytestmark = pytest.mark.train
ALL = [
    Instruction(
        Problem(f"p{n}", "s", "top", (Port("y", "output"),), Prompt("d"), testbench=Path(__file__))
    )
    for n in range(8)
]
SOLVED = {"s/p0": [1, 1], "s/p1": [1, 0], "s/p2": [0, 0], "s/p3": [0, 1], "s/p4": [0, 0]}


def chosen(difficulty, count, number=1):
    curriculum = Curriculum(ALL, count, 0, difficulty)
    curriculum.remember(
        {
            (name, at): ScoredSample(name, at, float(one), bool(one), "pass", "pass", 1.0, "")
            for name, passed in SOLVED.items()
            for at, one in enumerate(passed)
        }
    )
    return [instruction.id for instruction in curriculum.choose(number)]


def test_any_deals_as_before():
    assert chosen("any", 3, 2) == [i.id for i in choose_in_turn(ALL, 3, 2, 0)]
    assert len(chosen("any", 0)) == 8


def test_never_solved_come_first():
    assert chosen("unsolved", 2) == ["s/p2", "s/p4"]
    assert chosen("unsolved", 5) == ["s/p2", "s/p4", "s/p5", "s/p6", "s/p7"]


def test_solved_sometimes_come_first():
    assert chosen("between", 2) == ["s/p1", "s/p3"]
    assert "s/p0" not in chosen("between", 7)


def test_errors_of_the_machine_say_nothing():
    curriculum = Curriculum(ALL, 1, 0, "unsolved")
    error = ScoredSample("s/p0", 0, None, False, "extract", "infra_error", 0.0, "")
    curriculum.remember({error.key: error})
    assert curriculum._kind("s/p0") == "unseen"


def test_it_needs_a_choice():
    with pytest.raises(UsageError, match="instructions_per_iteration"):
        make_recipe(difficulty="unsolved")
