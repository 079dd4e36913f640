"""TRL's GRPO with the loop's reward and budget: `objective: grpo`, the arm `grpo`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml
from transformers import TrainerState

from itertl_eval._util.paths import shipped
from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.suites import load_suite
from itertl_eval.train._loop import run
from itertl_eval.train.arms._command import arm_recipe
from itertl_eval.train.data._instruction import from_suite
from itertl_eval.train.fitting import FitPlan, FitSettings, reuse_of
from itertl_eval.train.fitting._fit import training_arguments
from itertl_eval.train.scoring import OnlineReward, _online

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_a_run_has_the_samples_and_updates_of_the_rounds(recipe, tmp_path):
    fields = {"sft": False, "evaluate_base": False, "iterations": 2, "updates": 4, "batch_size": 2}
    one = arm_recipe(recipe(**fields, max_new_tokens=8), "grpo", 0)
    (record,) = run(one)
    # Two rounds of four instructions and two samples; eight updates of two groups use each twice.
    assert (record["fit_updates"], record["train_samples"]) == (8, 16)
    assert record["stage"] == "iteration-02"
    assert "pass@1" in record
    folder = tmp_path / "run/seed-0/grpo/iteration-02"
    verdicts = [json.loads(row) for row in (folder / "grade/verdicts.jsonl").open()]
    assert len(verdicts) == 16
    assert (folder / "fit/model/adapter_model.safetensors").exists()


def test_each_batch_is_reused_until_the_updates_are_made():
    assert [reuse_of(8, 4, 2), reuse_of(8, 8, 2), reuse_of(100, 1, 2)] == [1, 2, 1]


def test_a_checkpoint_is_where_new_samples_are_made(recipe, tmp_path):
    """TRL saves no samples: elsewhere a resumed fit would continue with others."""
    settings = FitSettings.of(recipe(objective="grpo", batch_size=2, save_steps=2))
    ours = training_arguments(settings, FitPlan("grpo", 6, 1e-3, 0), tmp_path, groups=4)
    assert (ours.num_iterations, ours.save_steps) == (3, 3)


def test_a_completion_that_is_cut_counts_as_a_failure(recipe, tmp_path):
    """As in the loop, where it is graded and ranked like every other sample."""
    settings = FitSettings.of(recipe(objective="grpo"))
    ours = training_arguments(settings, FitPlan("grpo", 1, 1e-3, 0), tmp_path, groups=4)
    assert ours.mask_truncated_completions is False
    script = yaml.safe_load((shipped("training") / "trl" / "grpo.yaml").read_text())
    assert script["mask_truncated_completions"] is False


def reward_of(tiny_suite, folder, **settings):
    instructions = from_suite(load_suite(str(tiny_suite)))
    values = {"preset": "functional", "seed": 0, "jobs": 1, "cut": True, "max_infra_errors": 0.1}
    return instructions, OnlineReward(instructions, folder, **values | settings)


def test_the_reward_is_that_of_the_loop(tiny_suite, tmp_path):
    instructions, reward = reward_of(tiny_suite, tmp_path)
    one = instructions[0]
    got = reward(
        completions=[one.reference + "\nnonsense after endmodule", "nonsense"],
        problem_id=[one.id, one.id],
        prompts=["", ""],
    )
    assert got[0] == 1.0
    assert got[1] < 0.5
    rows = [json.loads(row) for row in (tmp_path / "verdicts.jsonl").open()]
    assert [row["passed"] for row in rows] == [True, False]


def test_a_resumed_fit_replaces_what_it_samples_again(tiny_suite, tmp_path):
    instructions, killed = reward_of(tiny_suite, tmp_path)
    texts, names = ["a", "b"], [instructions[0].id, instructions[1].id]
    for step in (0, 2, 4):
        killed(completions=texts, problem_id=names, trainer_state=TrainerState(global_step=step))
    whole = (tmp_path / "verdicts.jsonl").read_text()
    _, resumed = reward_of(tiny_suite, tmp_path)
    for step in (2, 4):  # the checkpoint was that of step 2
        resumed(completions=texts, problem_id=names, trainer_state=TrainerState(global_step=step))
    assert (tmp_path / "verdicts.jsonl").read_text() == whole
    assert [json.loads(row)["k"] for row in whole.splitlines()] == [0, 1, 2, 3, 4, 5]


def test_the_verdicts_of_all_ranks_are_written(tiny_suite, tmp_path, monkeypatch):
    """TRL asks each rank for its own samples.."""
    instructions, reward = reward_of(tiny_suite, tmp_path)
    other = {"task": instructions[1].id, "k": 0, "z": 0.5, "step": 0}
    monkeypatch.setattr(_online.ranks, "world", lambda: 2)
    monkeypatch.setattr("accelerate.utils.gather_object", lambda rows: [*rows, other])
    assert len(reward(completions=["a"], problem_id=[instructions[0].id])) == 1
    rows = [json.loads(row) for row in (tmp_path / "verdicts.jsonl").open()]
    assert [(row["task"], row["k"]) for row in rows] == [
        (instructions[0].id, 0),
        (instructions[1].id, 1),
    ]


def test_a_failing_machine_is_no_reward_and_ends_the_run(tiny_suite, tmp_path, monkeypatch):
    instructions, reward = reward_of(tiny_suite, tmp_path)
    one = instructions[0]
    real = _online.grade_many

    def failing(pairs, **settings):
        return [replace(v, status="infra_error") for v in real(pairs, **settings)]

    monkeypatch.setattr(_online, "grade_many", failing)
    assert reward(completions=["x"], problem_id=[one.id]) == [None]
    with pytest.raises(InfrastructureError, match="could not be graded"):
        reward(completions=["x"] * 20, problem_id=[one.id] * 20)


@pytest.mark.parametrize(
    "change", [{"sampler": "vllm"}, {"samples_per_instruction": 1}, {"executor": "ray"}]
)
def test_what_trl_would_not_do_is_refused(recipe, change):
    with pytest.raises(UsageError, match="inside TRL's trainer"):
        recipe(objective="grpo", **change)
