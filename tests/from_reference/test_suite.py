"""The testbenches of a whole suite: one per reference, none where there is one already."""

from __future__ import annotations

import errno
from dataclasses import replace
from unittest.mock import Mock

import pytest

from itertl_eval.from_reference import Refused, _suite, make_suite
from itertl_eval.problem import Suite
from tests.from_reference.designs import ALU, COUNTER, problem

pytestmark = pytest.mark.simulator


def test_each_reference_once_and_what_has_a_testbench_stays(tmp_path):
    folder, elsewhere = tmp_path / "made", tmp_path / "by_hand.py"
    elsewhere.touch()
    problems = [
        replace(problem(ALU), id="one"),
        replace(problem(ALU), id="other"),
        replace(problem(ALU.replace("output", "inout")), id="refused"),
        replace(problem(COUNTER), id="by_hand", testbench=elsewhere),
    ]
    suite = Suite("own", problems, revision="")
    made = {each.task_id: each for each in make_suite(suite, folder, limit=5, jobs=1)}
    assert {*made} == {"one", "other", "refused"}
    assert (folder / "one.py").read_text() == (folder / "other.py").read_text()
    assert 0 < made["one"].killed <= made["one"].mutants
    assert made["refused"].refused == "inout port: y"
    assert not (folder / "by_hand.py").exists()

    (folder / "one.py").write_text("kept\n")
    again = {each.task_id: each for each in make_suite(suite, folder, limit=5, jobs=1)}
    assert again == made
    assert (folder / "one.py").read_text() == "kept\n"

    for name in ("one", "other"):
        (folder / f"{name}.py").write_text("copied\n")
    more = Suite("more", [replace(problem(ALU), id="same")], revision="")
    (copied,) = make_suite(more, tmp_path / "more", limit=5, jobs=1, others=[folder])
    assert replace(copied, task_id="one") == made["one"]
    assert (tmp_path / "more" / "same.py").read_text() == "copied\n"
    (afresh,) = make_suite(more, tmp_path / "afresh", limit=4, jobs=1, others=[folder])
    assert afresh.mutants < copied.mutants, "another number of mutants was asked for"


def test_a_full_disk_leaves_no_part_of_a_testbench(tmp_path, monkeypatch):
    """Whoever loads the suite takes the file for the whole of it."""
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left"))
    monkeypatch.setattr(_suite, "make_testbench", lambda *_, **__: Mock(text="x", mutants=1))
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        make_suite(Suite("own", [problem(ALU)], revision=""), tmp_path, limit=3, jobs=1)
    assert not any(tmp_path.iterdir())


def test_another_version_makes_them_again(tmp_path, monkeypatch):
    suite = Suite("own", [problem(ALU)], revision="")
    (before,) = make_suite(suite, tmp_path, limit=3, jobs=1)
    (tmp_path / "top.py").write_text("old\n")
    monkeypatch.setattr(_suite, "maker_version", lambda: "another")
    assert make_suite(suite, tmp_path, limit=3, jobs=1) == [before]
    assert (tmp_path / "top.py").read_text() != "old\n"

    def refuse(*_, **__):
        raise Refused("does not end")

    monkeypatch.setattr(_suite, "maker_version", lambda: "a third")
    monkeypatch.setattr(_suite, "make_testbench", refuse)
    (now,) = make_suite(suite, tmp_path, limit=3, jobs=1)
    assert now.refused == "does not end"
    assert not (tmp_path / "top.py").exists()
