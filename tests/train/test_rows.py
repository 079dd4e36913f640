"""Pairs from JSON, Parquet, saved data sets and the hub; and published files."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import datasets
import pytest

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.train.data._pairs import load_pairs
from itertl_eval.train.data._sources import holds_rows
from itertl_eval.train.filter import _command as filtering

pytestmark = pytest.mark.train

GOOD = "module top(input a, output y);\n  assign y = ~a;\nendmodule\n"
ROWS = [
    {"ask": "Invert a.", "code": GOOD},
    {"ask": "Nothing to see.", "code": "no module"},
    {"ask": "Invert a, please.", "code": GOOD},
]
NAMES = ["instruction=ask", "reference=code"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def saved(folder: Path, form: str) -> str:
    data = datasets.Dataset.from_list(ROWS)
    path = folder / "pairs"
    if form == "saved":
        data.save_to_disk(path)
    elif form == "splits":
        datasets.DatasetDict({"test": data.select([0]), "train": data}).save_to_disk(path)
    elif form == "parquet folder":
        (path / "data").mkdir(parents=True)
        data.to_parquet(path / "data/train-00000.parquet")
    elif form == "jsonl folder":
        (path / "data").mkdir(parents=True)
        (path / "README.md").write_text("# Pairs\n")
        data.to_json(path / "data/train.jsonl")
        data.select([0]).to_json(path / "data/test.jsonl")
    else:
        path = folder / "pairs.parquet"
        data.to_parquet(path)
    return str(path)


@pytest.mark.parametrize(
    "form", ["saved", "splits", "parquet folder", "jsonl folder", "parquet file"]
)
def test_data_sets_are_read_with_names_mapped(tmp_path, form):
    source = saved(tmp_path, form)
    assert holds_rows(source)
    pairs = load_pairs(source, names=NAMES, on_bad_row="skip")
    assert [i.problem.id for i in pairs.instructions] == ["pairs-000001", "pairs-000003"]
    assert [i.problem.prompt.description for i in pairs.instructions] == [
        "Invert a.\n",
        "Invert a, please.\n",
    ]
    assert [bad.line for bad in pairs.bad] == [2]
    with pytest.raises(UsageError, match=r"pairs.*:2: the reference has no single root module"):
        load_pairs(source, names=NAMES)


def test_the_filter_reads_them_too(tmp_path, capsys):
    source, kept = saved(tmp_path, "saved"), tmp_path / "kept.jsonl"
    fields = [part for name in NAMES for part in ("--field", name)]
    assert filtering.main([source, "-o", str(kept), "--no-compiler", *fields]) == 0
    assert [json.loads(line) for line in kept.read_text().splitlines()] == [ROWS[0], ROWS[2]]
    assert "3 rows: 2 kept, 1 removed" in capsys.readouterr().out


LINES = [json.dumps(row, separators=(" ,", ":  ")) for row in ROWS]
"""Unusual spacing, which a rewritten line would lose."""


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
@pytest.mark.parametrize(
    ("text", "as_it_was"),
    [
        ("\n".join(LINES), True),
        ("\n" + "\n\n".join(LINES) + "\n", True),
        (json.dumps(ROWS), False),
        (json.dumps(ROWS, indent=1), False),
    ],
)
def test_the_filter_keeps_the_rows_that_it_read(tmp_path, capsys, suffix, text, as_it_was):
    """The text decides, not the name: lists in .jsonl files and lines in .json files work."""
    source, kept = tmp_path / f"pairs{suffix}", tmp_path / "kept.jsonl"
    source.write_text(text)
    fields = [part for name in NAMES for part in ("--field", name)]
    assert filtering.main([str(source), "-o", str(kept), "--no-compiler", *fields]) == 0
    lines = kept.read_text().splitlines()
    assert [json.loads(line) for line in lines] == [ROWS[0], ROWS[2]]
    assert (lines == [LINES[0], LINES[2]]) is as_it_was
    assert "3 rows: 2 kept, 1 removed" in capsys.readouterr().out


def test_the_filter_writes_values_without_a_json_type(tmp_path):
    day = datetime.date(2024, 7, 1)
    data = datasets.Dataset.from_list([{**ROWS[0], "day": day}])
    data.to_parquet(tmp_path / "pairs.parquet")
    kept = tmp_path / "kept.jsonl"
    fields = [part for name in NAMES for part in ("--field", name)]
    source = str(tmp_path / "pairs.parquet")
    assert filtering.main([source, "-o", str(kept), "--no-compiler", *fields]) == 0
    assert json.loads(kept.read_text())["day"].startswith("2024-07-01")


def test_a_hub_name(monkeypatch):
    asked = []

    def load(name, revision=None):
        asked.append((name, revision))
        return datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS[:1])})

    monkeypatch.setattr(datasets, "load_dataset", load)
    (found,) = load_pairs("someone/pairs@v1", names=NAMES).instructions
    assert found.problem.id == "pairs-000001"
    assert asked == [("someone/pairs", "v1")]


def test_an_unknown_name_is_an_infrastructure_error(monkeypatch):
    def load(name, revision=None):
        raise ConnectionError("no way to the hub")

    monkeypatch.setattr(datasets, "load_dataset", load)
    with pytest.raises(InfrastructureError, match="someone/pairs is not a local file or folder"):
        load_pairs("someone/pairs")


def test_several_splits_without_train_are_named(monkeypatch):
    one = datasets.Dataset.from_list(ROWS[:1])
    both = datasets.DatasetDict({"a": one, "b": one})
    monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: both)
    with pytest.raises(UsageError, match="splits a, b"):
        load_pairs("someone/pairs")


def test_suites_and_task_folders_do_not_hold_rows(tiny_suite):
    assert not holds_rows("verilogeval_human")
    assert not holds_rows(str(tiny_suite))
    (tiny_suite / "samples.jsonl").write_text("{}\n")
    assert not holds_rows(str(tiny_suite))
    (tiny_suite / "samples.jsonl").unlink()
    assert not holds_rows("./not/there")


CORPORA = Path(os.environ.get("ITERTL_EVAL_CORPORA", ""))
"""A folder with RTLCoder's sample files and VeriReason's filtered set, as published."""


@pytest.mark.skipif("ITERTL_EVAL_CORPORA" not in os.environ, reason="set ITERTL_EVAL_CORPORA")
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("rtlcoder_data_sample.json", 10),
        ("rtlcoder_scoring_data_sample.json", 10),
        ("rtlcoder_small_sample_15.jsonl", 15),
        ("rtlcoder_small_randomized_filtered_data_fixed.jsonl", 1339),
    ],
)
def test_published_files(name, rows):
    """Every row is read; the scored form takes the last response, which is the reference."""
    path = CORPORA / name
    pairs = load_pairs(path, on_bad_row="skip")
    assert len(pairs.instructions) + len(pairs.bad) == rows
    assert len(pairs.instructions) >= 0.98 * rows
    assert all(i.reference and i.problem.ports for i in pairs.instructions)
    if "scoring" in name:
        first = json.loads(path.read_text().splitlines()[0])
        assert pairs.instructions[0].reference.strip() in first["Response"][-1]
