"""verdict.feedback(): what a model is told before its next try."""

from __future__ import annotations

from dataclasses import replace

import pytest

from itertl_eval import grade, load_suite
from itertl_eval.verdict import STAGES
from tests.verdicts import verdict

FAIL = verdict("simulate", cases_total=2, message="counts: q: expected 4'h2, got 4'h1")


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage != "pass"])
def test_each_stage_says_what_is_wrong(stage):
    said = replace(FAIL, stage=stage).feedback()
    assert said.endswith(FAIL.message)
    assert len(said.splitlines()) == 2


def test_nothing_is_said_of_a_pass_or_of_a_failure_of_the_machine():
    assert replace(FAIL, status="pass", stage="pass").feedback() == ""
    assert replace(FAIL, status="infra_error", message="no space left").feedback() == ""


def test_what_the_simulator_lacks_is_not_called_a_mistake():
    said = replace(FAIL, stage="elaborate", unsupported=True).feedback()
    assert "does not support" in said


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        ("adds: s: expected 1, got 2", "adds: s: expected 1, got 2"),
        ("adds: 2 wrong:\ns: expected 1, got 2\nc: expected 7, got 8", "s: expected 1, got 2 ..."),
        ("adds: s: expected 1, got 2\n\nc: expected 7, got 8\n9", "s: expected 1, got 2 ..."),
        ("adds: s: Expected 1, got 2; c: EXPECTED 7, got 8", "s: Expected 1, got 2 ..."),
        ("adds: differ: [1 != 2, 7 != 8]", "adds: differ: [1 != 2 ..."),
        ("adds: s was 1, should be 2; c was 7, should be 8", "s was 1, should be 2 ..."),
        ("adds: want 1 got 2, r: want 7 got 8", "want 1 got 2 ..."),
        ("adds: s: expected == 1, got == 2", "s: expected == 1 ..."),
        ("adds: expected 1 != 2", "adds: expected 1 != 2"),
        ("adds: q: expected 1, got 2; inputs: expected=0x3", "inputs: expected=0x3"),
        ("adds: wrong:\n1 != 2\n7 != 8", "adds: wrong: 1 != 2 ..."),
    ],
)
def test_a_list_of_all_mismatches_gives_away_one(message, heard):
    said = replace(FAIL, message=message).feedback()
    assert said.endswith(heard)
    assert "7" not in said


def test_a_message_of_the_compiler_is_whole():
    said = replace(FAIL, stage="elaborate", message="line 3: a\nline 7: b").feedback()
    assert said.endswith("line 3: a\nline 7: b")


@pytest.mark.simulator
def test_one_mismatch_is_shown_and_no_more():
    problem = load_suite("rtl_core")["simple_alu"]
    wrong = problem.reference.replace("+", "-").replace("&", "|")
    assert wrong != problem.reference
    said = grade(problem, wrong).feedback()
    assert said.startswith("The design compiles")
    assert said.count("expected") == 1
