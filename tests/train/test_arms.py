"""Ablation arms: equal samples and updates, shared starts, the comparison."""

from __future__ import annotations

import json

import pytest

from itertl_eval.errors import UsageError
from itertl_eval.train import _loop
from itertl_eval.train.arms import _command as arms
from itertl_eval.train.arms._comparison import ArmRun

pytestmark = [pytest.mark.train, pytest.mark.simulator]


def test_arms_need_something_to_compare(recipe):
    ready = recipe(sft=False)
    with pytest.raises(UsageError, match="--against onec"):
        arms.run_arms(ready, ["once"], [0], "onec")
    with pytest.raises(UsageError, match=r"--against once: not one of .* \(supervised, iterative"):
        arms.run_arms(ready, ["supervised", "iterative"], [0], "once")
    with pytest.raises(UsageError, match="heldout_data"):
        arms.run_arms(recipe(sft=False, heldout_data=[]), ["once"], [0], "once")
    none = recipe(sft=False, iterations=0, instructions_per_iteration=2)
    with pytest.raises(UsageError, match="arms need `iterations`"):
        arms.run_arms(none, ["once", "iterative"], [0], "once")


def test_arms_have_equal_samples_and_updates(recipe):
    base = recipe(iterations=3, updates=10, sft_updates=5)
    made = {arm: arms.arm_recipe(base, arm, seed=7) for arm in arms.ARMS}

    def totals(r):
        rounds = r.loop.iterations
        start = r.loop.sft_updates if r.loop.sft else 0
        return rounds * r.sampling.samples_per_instruction, start + rounds * r.trainer.updates

    assert {totals(made[arm]) for arm in ("once", "stale", "iterative", "restart")} == {(6, 30)}
    assert totals(made["supervised"]) == (0, 30)
    assert made["once"].objective.max_group == 2
    assert len({r.loop.run_dir for r in made.values()}) == len(arms.ARMS)
    assert all(r.loop.seed == 7 for r in made.values())
    with pytest.raises(UsageError, match="no arm"):
        arms.arm_recipe(base, "twice", 0)


def test_arms_neither_stop_early_nor_overwrite_one_repository(recipe):
    base = recipe(patience=1, push_to_hub="me/verilog")
    made = [arms.start_recipe(base, 0), *(arms.arm_recipe(base, arm, 0) for arm in arms.ARMS)]
    assert {(one.loop.patience, one.report.push_to_hub) for one in made} == {(0, None)}


def test_arms_of_a_seed_share_its_supervised_start(recipe, tmp_path):
    base = recipe(iterations=3, updates=10, sft_updates=5)
    start = arms.start_recipe(base, seed=7)
    assert (start.loop.iterations, start.loop.sft_updates, start.report.merge) == (0, 5, True)
    assert start.loop.evaluate_base == base.loop.evaluate_base
    made = [arms.arm_recipe(base, arm, seed=7) for arm in arms.ARMS]
    assert {one.data.model for one in made} == {str(tmp_path / "run/seed-7/start/final/merged")}
    assert not any(one.loop.evaluate_base for one in made)
    whole = recipe(iterations=3, updates=10, sft_updates=5, tuning="full")
    assert arms.arm_recipe(whole, "once", 7).data.model == str(
        tmp_path / "run/seed-7/start/final/model"
    )
    alone = recipe(iterations=3, updates=10, sft=False)
    assert arms.arm_recipe(alone, "once", 7).data.model == alone.data.model


def test_arms_of_a_seed_share_its_own_small_model(recipe, tiny_model, tmp_path):
    def folders(base):
        made = [arms.arm_recipe(base, arm, seed) for seed in (0, 1) for arm in arms.ARMS]
        return {one.data.model_folder for one in made}

    small = {"model": None, "train_data": [], "heldout_data": [], "updates": 1, "sft": False}
    assert folders(recipe(**small)) == {str(tmp_path / f"run/seed-{s}/model") for s in (0, 1)}
    with pytest.raises(UsageError, match=r"model_folder: mine: .* a small model for each seed"):
        arms.arm_recipe(recipe(**small, model_folder="mine"), "once", 0)
    # With a ready model nothing is made, and nothing said.
    assert folders(recipe(**{**small, "model": str(tiny_model)}, model_folder="mine")) == {"mine"}


def test_the_arm_once_draws_for_all_that_is_dealt_out(recipe):
    base = recipe(
        iterations=3,
        updates=1,
        sft_updates=1,
        instructions_per_iteration=4,
        corpus_train=12,
        train_data=[],
    )
    once = arms.arm_recipe(base, "once", seed=0)
    assert once.sampling.instructions_per_iteration == 12
    assert once.sampling.samples_per_instruction == base.sampling.samples_per_instruction
    fewer = recipe(
        iterations=3,
        updates=1,
        sft_updates=1,
        instructions_per_iteration=4,
        corpus_train=11,
        train_data=[],
    )
    with pytest.raises(UsageError, match="corpus_train: 12"):
        arms.arm_recipe(fewer, "once", seed=0)


def test_the_arm_once_needs_as_many_instructions_as_the_rounds_use(recipe):
    fields = {"iterations": 3, "instructions_per_iteration": 4, "sft": False}
    with pytest.raises(UsageError, match="max_instructions: 12"):
        arms.arm_recipe(recipe(**fields, max_instructions=11), "once", 0)
    assert arms.arm_recipe(recipe(**fields, max_instructions=12), "once", 0)


def test_a_comparison_at_unequal_cost_says_so(recipe, tmp_path, monkeypatch):
    def finished(_folder, arm, seed):
        record = {"stage": "iteration-01", "train_samples": 8, "fit_updates": len(arm)}
        return ArmRun(arm, seed, [record], {"gates/and_gate": 0.5})

    monkeypatch.setattr(_loop, "run", lambda _: [])
    monkeypatch.setattr(arms, "read_arm", finished)
    text = arms.run_arms(recipe(sft=False), ["once", "iterative"], [0], "once")
    warning = "warning: the arms of seed 0 differ in updates (once 4, iterative 9)"
    assert text.splitlines()[-1].startswith(warning)
    (written,) = json.loads((tmp_path / "run/arms.json").read_text())["warnings"]
    assert written.startswith(warning)


def test_arms_run_and_print(recipe, tmp_path):
    base = recipe(eval_samples=2, evaluate_base=False)
    text = arms.run_arms(base, ["supervised", "once", "iterative"], [0], "once")
    rounds, _, comparison = text.partition("\n\n")
    assert [line.split()[0] for line in comparison.splitlines()[1:5]] == [
        "start",
        "supervised",
        "once",
        "iterative",
    ]
    assert [line.split()[:2] for line in rounds.splitlines()[1:]] == [
        ["start", "sft"],
        ["supervised", "sft"],
        ["once", "iteration-01"],
        ["iterative", "iteration-01"],
    ]
    assert (tmp_path / "run/arms.svg").read_text().count("<polyline") >= 3
    text = (tmp_path / "run/arms.json").read_text()
    facts = json.loads(text)
    assert "NaN" not in text
    assert len(facts["runs"]) == 4
    assert facts["warnings"] == []
    rows = {row["arm"]: row for row in facts["comparison"]}
    assert rows["supervised"]["samples"] == rows["supervised"]["answered"] == 0
    assert rows["once"]["samples"] == rows["iterative"]["samples"] > 0
    assert len({row["updates"] for arm, row in rows.items() if arm != "start"}) == 1
