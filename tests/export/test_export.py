"""Graded samples as data for other trainers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from itertl_eval import load_suite
from itertl_eval.cli import main
from itertl_eval.errors import UsageError
from itertl_eval.export import dpo_rows, read_verdicts, sft_rows, write

SUITE, TASK = "rtl_core", "gray_counter"
PROMPT = load_suite(SUITE)[TASK].prompt.text
TEXTS = ["right", "wrong", "right", "worse", "nearly", "lost", "also right"]
SCORES = [1.0, 0.3, 1.0, 0.05, 0.4, 0.0, 1.0]


@pytest.fixture
def files(tmp_path):
    """A samples file and its verdicts, as `grade --output` writes them."""
    samples, verdicts = tmp_path / "samples.jsonl", tmp_path / "verdicts.jsonl"
    rows = [{"task_id": TASK, "completion": text} for text in TEXTS]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rows = [
        {
            "task_id": TASK,
            "sample": at,
            "status": "infra_error" if text == "lost" else "pass" if score == 1 else "fail",
            "stage": "pass" if score == 1 else "simulate",
            "passed": score == 1,
            "score": score,
            "message": "",
        }
        for at, (text, score) in enumerate(zip(TEXTS, SCORES, strict=True))
    ]
    verdicts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return samples, verdicts


def said(text):
    return {"role": "assistant", "content": text}


def test_sft_rows_are_the_different_completions_that_pass(files):
    rows = list(sft_rows(read_verdicts(*files, load_suite(SUITE))))
    ask = {"role": "user", "content": PROMPT}
    assert rows == [{"messages": [ask, said(text)]} for text in ("right", "also right")]


def test_dpo_rows_set_a_pass_against_the_failures_that_come_nearest(files):
    samples = read_verdicts(*files, load_suite(SUITE))
    rows = list(dpo_rows(samples))
    assert [row["rejected"] for row in rows] == [said("nearly"), said("wrong"), said("worse")]
    assert [row["chosen"] for row in rows] == [said("right"), said("also right"), said("right")]
    assert len(list(dpo_rows(samples, pairs=1))) == 1
    assert not list(dpo_rows([each for each in samples if not each.passed]))


def test_a_design_that_no_testbench_has_seen_teaches_nothing(files):
    """It only elaborates, which is what `passed` means without a testbench."""
    samples = read_verdicts(*files, load_suite(SUITE))
    untested = [replace(each, tested=False) for each in samples]
    assert not list(sft_rows(untested))
    assert not list(dpo_rows(untested))


def test_the_command_writes_the_forms_that_are_asked_for(files, tmp_path, capsys):
    samples, verdicts = map(str, files)
    out = tmp_path / "out"
    named = ["--task", SUITE, "--verdicts", verdicts, "-o", str(out)]
    assert main(["export", samples, *named, "--form", "sft", "--form", "dpo"]) == 0
    assert "3 dpo rows" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == {"sft.jsonl", "dpo.jsonl", "dataset_info.json"}
    info = json.loads((out / "dataset_info.json").read_text())
    # LLaMA-Factory's names; for axolotl see docs/integrations/export.md.
    roles = {"role_tag": "role", "content_tag": "content", "user_tag": "user"}
    roles |= {"assistant_tag": "assistant", "system_tag": "system"}
    columns = {name: name for name in ("messages", "chosen", "rejected")}
    sft = {"file_name": "sft.jsonl", "formatting": "sharegpt", "tags": roles}
    assert info == {
        "itertl_sft": sft | {"columns": {"messages": "messages"}},
        "itertl_dpo": sft | {"file_name": "dpo.jsonl", "ranking": True, "columns": columns},
    }
    assert main(["export", samples, *named]) == 2  # the folder is not empty
    assert main(["export", samples, "-o", str(out)]) == 2
    assert "--task" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_refused(files, capsys):
    samples, verdicts = map(str, files)
    kept = files[1].read_text()
    named = ["--task", SUITE, "--verdicts", verdicts, "-o", verdicts, "--form", "sft"]
    assert main(["export", samples, *named]) == 2
    assert f"{verdicts} can't be written" in capsys.readouterr().err
    assert files[1].read_text() == kept


@pytest.mark.train
def test_the_datasets_folder_has_every_sample(files, tmp_path):
    datasets = pytest.importorskip("datasets")
    write(read_verdicts(*files, load_suite(SUITE)), tmp_path / "out", ["datasets"])
    rows = datasets.load_from_disk(str(tmp_path / "out" / "datasets"))
    assert rows["completion"][:] == TEXTS
    assert rows["reward"][:] == [1.0, 0.3, 1.0, 0.05, 0.4, None, 1.0]
    assert rows[0]["messages"] == [{"role": "user", "content": PROMPT}]
    assert rows["id"][0] == f"{SUITE}/{TASK}"


def test_files_that_do_not_belong_together_are_refused(files):
    samples, verdicts = files
    suite = load_suite(SUITE)
    lines = verdicts.read_text().splitlines(keepends=True)
    for wrong, why in (
        (lines[:-1], "7 samples"),
        ([lines[1], lines[0], *lines[2:]], "not the verdict of line 1"),
        ([*lines[:-1], "{}\n"], ":7: not a verdict"),
    ):
        verdicts.write_text("".join(wrong))
        with pytest.raises(UsageError, match=why):
            read_verdicts(samples, verdicts, suite)
