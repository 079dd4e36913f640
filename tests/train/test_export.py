"""`itertl-eval export RUN`: the samples of all iterations with their prompts and verdicts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.export import read_run
from itertl_eval.train import _loop
from itertl_eval.train.config import make_recipe
from itertl_eval.train.run import Rows
from tests.train.conftest import write_model, write_suite

pytestmark = pytest.mark.train


def test_a_runs_samples_come_with_their_prompts_and_rewards(tmp_path):
    gates, run = str(write_suite(tmp_path / "gates")), tmp_path / "run"
    names = [f"{gates}/{name}" for name in ("and_gate", "or_gate")]
    model = str(write_model(tmp_path / "model"))
    recipe = make_recipe(train_data=names, heldout_data=[f"{gates}/xor_gate"], model=model)
    run.mkdir()
    (run / "recipe.json").write_text(json.dumps(recipe.fixed()))
    with pytest.raises(UsageError, match="no graded samples"):
        read_run(run)
    common = {"score": 0.5, "message": "m", "status": "fail", "stage": "simulate", "passed": False}
    for iteration in (1, 2):
        phase = run / f"iteration-{iteration:02d}"
        for name in ("and_gate", "or_gate"):
            task = f"{name}/{name}"
            with Rows(phase / "sample" / "samples-0.jsonl") as rows:
                rows.append([{"task": task, "k": 0, "text": f"{name} {iteration}"}])
            with Rows(phase / "grade" / "verdicts.jsonl") as rows:
                rows.append([{"task": task, "k": 0, "z": 0.25, **common}])
    found = read_run(run)
    assert [(each.source, each.completion) for each in found] == [
        ("iteration-01", "and_gate 1"),
        ("iteration-01", "or_gate 1"),
        ("iteration-02", "and_gate 2"),
        ("iteration-02", "or_gate 2"),
    ]
    assert found[0].messages == [{"role": "user", "content": "// and_gate: y = a & b\n"}]
    assert (found[0].reward, found[0].score) == (0.25, 0.5)


@pytest.mark.simulator
def test_every_sample_is_exported_and_changed_problems_are_named(recipe, tmp_path, capsys):
    gates = write_suite(tmp_path / "own" / "gates")
    settings = {"temperature": 0.0, "sft": False, "evaluate_base": False}  # equal completions
    made = recipe(train_data=[str(gates)], heldout_data=[], max_new_tokens=60, **settings)
    _loop.run(made)
    folder = Path(made.loop.run_dir)
    found = read_run(folder)
    assert {(one.id, one.sample) for one in found} == {
        (f"gates/{name}", number)
        for name in ("and_gate", "or_gate", "xor_gate", "nand_gate")
        for number in (0, 1)
    }
    assert "have changed" not in capsys.readouterr().err
    (gates / "and_gate" / "spec.md").write_text("// another text\n")
    assert len(read_run(folder)) == len(found)
    assert "iteration-01: the problems have changed" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no recipe"):
        read_run(tmp_path)
