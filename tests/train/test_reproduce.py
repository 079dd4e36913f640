"""The recipes of docs/reproduction.md at a small size, by the command that is given there."""

from __future__ import annotations

import json

import pytest

from itertl_eval._util.paths import shipped
from itertl_eval.train.arms._command import main

pytestmark = [pytest.mark.train, pytest.mark.simulator]

SMALL = {
    "arms": "once,iterative",
    "seeds": 1,
    "corpus_train": 8,
    "corpus_heldout": 2,
    "references": 0.5,
    "model_size": "tiny",
    "model_steps": 4,
    "samples_per_instruction": 2,
    "iterations": 2,
    "updates": 2,
    "batch_size": 4,
    "micro_batch_size": 4,
    "sample_batch": 16,
    "max_new_tokens": 96,
    "eval_samples": 2,
    "jobs": 1,
}


@pytest.mark.parametrize("name", ["reproduce", "reproduce_gpu"])
def test_the_arms_draw_and_learn_equally_much(name, tmp_path, capsys):
    given = {"config": shipped("training") / f"{name}.yaml", "run_dir": tmp_path, **SMALL}
    assert main([str(word) for field in given for word in (f"--{field}", given[field])]) == 0
    assert "iteration-02" in capsys.readouterr().out
    rows = json.loads((tmp_path / "arms.json").read_text())["comparison"]
    assert {(row["arm"], row["samples"], row["updates"]) for row in rows} == {
        ("once", 32, 4),
        ("iterative", 32, 4),
    }
    assert (tmp_path / "arms.svg").exists()
