"""A run folder that goes on: more rounds, another place, a corrected recipe."""

from __future__ import annotations

import shutil

import pytest
from safetensors.torch import load_file, save_file

from itertl_eval.errors import UsageError
from itertl_eval.train._loop import run
from itertl_eval.train._selection import Selection

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_a_recipe_that_found_no_data_may_be_corrected(recipe, tmp_path, monkeypatch, tiny_suite):
    fields = {"iterations": 0, "evaluate_base": False}
    with pytest.raises(UsageError, match="no suite"):
        run(recipe(heldout_data=["nowhere"], **fields))
    monkeypatch.chdir(tiny_suite.parent)
    run(recipe(heldout_data=[tiny_suite.name], **fields))  # a folder, without a slash in its name


def test_more_iterations_extend_a_finished_run(recipe, tmp_path, capsys):
    fields = {"sft": False, "evaluate_base": False}
    first = run(recipe(**fields))
    (tmp_path / "run/final/adapter/README.md").unlink()
    more = run(recipe(iterations=2, **fields))
    assert [r["stage"] for r in more] == ["iteration-01", "iteration-02"]
    assert more[0]["fit_loss_last"] == first[0]["fit_loss_last"]
    assert "iterations: 2" in (tmp_path / "run/final/adapter/README.md").read_text()


def test_final_follows_when_another_model_becomes_the_best(recipe, tmp_path, monkeypatch):
    fields = {"sft": False, "evaluate_base": False}
    run(recipe(**fields))
    before = (tmp_path / "run/final/adapter/adapter_model.safetensors").read_bytes()

    def later_is_better(self, one):
        return float(one.stage[-1])

    monkeypatch.setattr(Selection, "_rate", later_is_better)
    run(recipe(iterations=2, learning_rate=2e-4, **fields))
    after = (tmp_path / "run/final/adapter/adapter_model.safetensors").read_bytes()
    assert after != before
    made = tmp_path / "run/iteration-02/fit/model/adapter_model.safetensors"
    assert after == made.read_bytes()


def test_a_run_and_its_model_may_move_between_two_starts(
    recipe, tmp_path, monkeypatch, tiny_model, tiny_suite
):
    here, there = tmp_path / "here", tmp_path / "there"
    for source, name in ((tiny_model, "tiny"), (tiny_suite, "gates")):
        shutil.copytree(source, here / name)
    fields = {
        "model": "tiny",
        "train_data": ["./gates"],
        "heldout_data": ["./gates"],
        "run_dir": "run",
        "sft": False,
        "evaluate_base": False,
        "merge": True,
    }
    monkeypatch.chdir(here)
    run(recipe(**fields))
    here.rename(there)
    monkeypatch.chdir(there)
    records = run(recipe(iterations=2, **fields))
    assert [r["stage"] for r in records] == ["iteration-01", "iteration-02"]
    weights = there / "tiny/model.safetensors"
    save_file({name: w * 2 for name, w in load_file(weights).items()}, weights)
    with pytest.raises(UsageError, match=r"model\.safetensors"):
        run(recipe(iterations=3, **fields))


def test_a_recipe_may_be_corrected_until_a_fit_has_begun(recipe):
    fields = {"sft": False, "evaluate_base": False}
    with pytest.raises(UsageError, match="lora_targets"):
        run(recipe(lora_targets=["nowhere"], **fields))
    run(recipe(lora_targets=["q_proj"], **fields))
    with pytest.raises(UsageError, match="lora_targets"):
        run(recipe(lora_targets=["v_proj"], **fields))
