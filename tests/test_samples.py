"""Samples files: rows, numbering, and what is said of a bad row."""

from __future__ import annotations

import json

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.grader._samples import read_samples
from itertl_eval.problem import Suite
from tests.designs import ADDER, COUNTER

SUITE = Suite("tests", [ADDER, COUNTER], revision="1")


def read(tmp_path, *rows, **options):
    file = tmp_path / "samples.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file.write_text("\n".join(lines) + "\n")
    return list(read_samples(file, SUITE, **options))


def row(task_id="adder", completion="x", **more):
    return {"task_id": task_id, "completion": completion, **more}


def test_rows_of_a_task_are_its_samples(tmp_path):
    items = read(tmp_path, row(), row("counter"), row(), "", row(sample=7), row(), seed=3)
    assert [(i.problem.id, i.sample) for i in items] == [
        ("adder", 0),
        ("counter", 0),
        ("adder", 1),
        ("adder", 7),
        ("adder", 8),
    ]
    assert {item.seed for item in items} == {3}


def test_other_fields_of_a_row_are_ignored(tmp_path):
    [item] = read(
        tmp_path, row(completion="y", model="m", tokens=3), protocol="both", partial=False
    )
    assert item.completion == "y"
    assert (item.protocol, item.partial) == ("both", False)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("{", "not JSON"),
        ("[1]", "expected"),
        ({"task_id": "adder"}, "'completion' must be a string"),
        ({"task_id": 3, "completion": ""}, "'task_id' must be a string"),
        (row("nosuch"), "tests has no problem 'nosuch'"),
        (row(sample=-1), "'sample' must be an integer"),
        (row(sample="1"), "'sample' must be an integer"),
        (row(sample=True), "'sample' must be an integer"),
    ],
)
def test_a_bad_row_is_told_with_its_line(tmp_path, bad, words):
    with pytest.raises(UsageError, match=words) as caught:
        read(tmp_path, row(), "", bad)
    assert f"{tmp_path / 'samples.jsonl'}:3: " in str(caught.value)


def test_files_that_can_not_be_read(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        list(read_samples(tmp_path / "nosuch", SUITE))
    with pytest.raises(UsageError, match="Is a directory"):
        list(read_samples(tmp_path, SUITE))
    (tmp_path / "latin").write_bytes(b'{"task_id": "adder", "completion": "\xe9"}\n')
    with pytest.raises(UsageError, match="not UTF-8"):
        list(read_samples(tmp_path / "latin", SUITE))


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path):
    file = tmp_path / "samples.jsonl"
    file.write_text(json.dumps(row()) + "\n", encoding="utf-8-sig")
    assert len(list(read_samples(file, SUITE))) == 1


def test_a_row_that_is_nested_without_end(tmp_path):
    with pytest.raises(UsageError, match=":1: not JSON"):
        read(tmp_path, "[" * 200_000)
