"""The mutation score in a protocol card is the measured one, or says that it is not."""

import json

from itertl_eval.problem import Problem, Prompt, Suite
from itertl_eval.suites import _quality, digest_of_testbenches, load_suite, mutation_score


def suite_of(folder, name="own"):
    problems = []
    for task_id in ("a", "b"):
        file = folder / f"{task_id}.py"
        file.write_text(f"# {task_id}\n")
        problems.append(Problem(task_id, name, "top", (), Prompt(""), testbench=file))
    return Suite(name, problems, revision="")


def test_nothing_measured_is_no_score(tmp_path):
    assert mutation_score(suite_of(tmp_path)) is None


def test_the_suite_that_ships_has_a_measured_score():
    suite = load_suite("rtl_core")
    measured = mutation_score(suite)
    assert measured is not None
    assert measured["problems"] == len(suite)
    assert 0.95 <= measured["score"] <= 1


def test_testbenches_made_from_references_are_summed_up(tmp_path):
    suite = suite_of(tmp_path)
    (tmp_path / "a.json").write_text(json.dumps({"mutants": 30, "killed": 27}))
    (tmp_path / "b.json").write_text(json.dumps({"refused": "inout port"}))
    expected = {"score": 0.9, "killed": 27, "mutants": 30, "problems": 1}
    assert mutation_score(suite) == expected


def test_a_changed_testbench_makes_a_measured_score_old(tmp_path, monkeypatch):
    suite = suite_of(tmp_path)
    row = {"killed": 97, "mutants": 100, "testbenches": digest_of_testbenches(suite)}
    monkeypatch.setattr(_quality, "_measured", lambda: {"own": row})
    assert mutation_score(suite) == {"score": 0.97, **row, "testbenches_changed": False}
    (tmp_path / "a.py").write_text("# other\n")
    changed = mutation_score(suite)
    assert changed is not None
    assert changed["testbenches_changed"]
