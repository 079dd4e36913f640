"""DPO through TRL: the pairs, the loss against its formula, a run."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file

from itertl_eval.train._loop import run
from itertl_eval.train.config._fields import TrainerArguments
from itertl_eval.train.config._recipe import make_recipe
from itertl_eval.train.fitting._dpo import PreferenceTrainer
from itertl_eval.train.fitting._fit import FitPlan, FitSettings, GroupOrder, training_arguments
from itertl_eval.train.fitting._groups import Candidate, Group, pairs
from itertl_eval.train.models import checkpoints
from itertl_eval.train.models._encoder import Encoder

pytestmark = pytest.mark.train


def test_every_worse_completion_makes_one_pair_with_the_best():
    reference = Candidate([9, 1], 1.0, is_reference=True)
    group = Group("t", [5], [Candidate([2, 1], 0.2), Candidate([3, 1], 1.0), reference])
    (pair,) = pairs([group], gap=0.02)
    assert pair.candidates == [reference, group.candidates[0]]
    assert pair.prompt == [5]
    alike = Group("t", [5], [Candidate([2, 1], 0.2), Candidate([3, 1], 0.21)])
    assert pairs([alike], gap=0.02) == []


def logprob(model, prompt, completion):
    logits = model(torch.tensor([prompt + completion])).logits[0].log_softmax(-1)
    return sum(logits[len(prompt) - 1 + at, token] for at, token in enumerate(completion))


@pytest.mark.parametrize("likelihood", [0.0, 0.5])
def test_the_loss_is_dpos(tiny_model, tmp_path, likelihood):
    """-log sigmoid(beta (log-ratio of chosen - log-ratio of rejected)), against the first model.

    The likelihood term is a mean over pairs of a mean over tokens.
    """
    recipe = make_recipe(
        objective="dpo",
        dpo_beta=0.3,
        dpo_likelihood=likelihood,
        dtype="float64",
        lora_r=2,
        batch_size=2,
        micro_batch_size=2,
    )
    arguments: TrainerArguments = recipe.trainer
    model = checkpoints.load_trainable(str(tiny_model), str(tiny_model), arguments, seed=0)
    rows = [
        Group("a", [5, 6, 7], [Candidate([8, 9, 1], 1.0), Candidate([10, 1], 0.0)]),
        Group("b", [5], [Candidate([11, 1], 1.0), Candidate([12, 13, 14, 15], 0.2)]),
    ]
    encoder = Encoder(checkpoints.load_tokenizer(str(tiny_model)))
    settings = training_arguments(FitSettings.of(recipe), FitPlan("dpo", 1, 1e-3, 0), tmp_path)
    trainer = PreferenceTrainer.of(model, settings, GroupOrder(rows, 2, 0), encoder, [])
    with torch.no_grad():  # move away from the reference policy, which is already copied
        for name, weight in model.named_parameters():
            if ".default." in name:
                weight.add_(torch.randn_like(weight), alpha=0.3)
    batch = trainer.data_collator([trainer.train_dataset[at] for at in range(2)])
    trainer.model.train()
    got = float(trainer.compute_loss(model, batch).detach())
    plain = checkpoints.load(str(tiny_model), dtype="float64")
    wanted = []
    for row in rows:
        ratios = [
            logprob(model, row.prompt, c.ids) - logprob(plain, row.prompt, c.ids)
            for c in row.candidates
        ]
        wanted.append(-torch.nn.functional.logsigmoid(0.3 * (ratios[0] - ratios[1])))
    expected = float(torch.stack(wanted).mean())
    assert abs(expected - 0.6931) > 1e-3
    if likelihood:
        chosen = [logprob(model, r.prompt, r.candidates[0].ids) for r in rows]
        means = [float(c) / len(r.candidates[0].ids) for c, r in zip(chosen, rows, strict=True)]
        expected -= likelihood * sum(means) / len(means)
    assert got == pytest.approx(expected, abs=1e-6)


def adapter_after(tiny_model, tmp_path, micro):
    """Return the adapter after two updates over the same four pairs each."""
    recipe = make_recipe(
        objective="dpo",
        dpo_likelihood=2.0,
        dtype="float64",
        lora_r=4,
        batch_size=4,
        micro_batch_size=micro,
        adam_epsilon=1e-3,
        max_grad_norm=0.0,
    )
    model = checkpoints.load_trainable(str(tiny_model), str(tiny_model), recipe.trainer, seed=0)
    rows = [
        Group(f"t{n}", [5] * (1 + n), [Candidate([8 + n] * length, 1.0), Candidate([20, 1], 0.0)])
        for n, length in enumerate((2, 3, 9, 14))
    ]
    encoder = Encoder(checkpoints.load_tokenizer(str(tiny_model)))
    plan = FitPlan("dpo", 2, 1e-2, 0)
    settings = training_arguments(FitSettings.of(recipe), plan, tmp_path)
    trainer = PreferenceTrainer.of(model, settings, GroupOrder(rows, 8, 0), encoder, [])
    trainer.train()
    return torch.cat([w.flatten() for w in model.parameters() if w.requires_grad])


@pytest.mark.parametrize("micro", [2, 4])
def test_the_likelihood_does_not_depend_on_the_micro_batch(tiny_model, tmp_path, micro):
    one = adapter_after(tiny_model, tmp_path, 1)
    assert (one - adapter_after(tiny_model, tmp_path, micro)).abs().max() < 1e-8


@pytest.mark.simulator
@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_a_run(tiny_suite, tiny_model, tmp_path, tuning):
    recipe = make_recipe(
        model=str(tiny_model),
        train_data=[str(tiny_suite)],
        run_dir=str(tmp_path / "run"),
        samples_per_instruction=2,
        max_new_tokens=40,
        iterations=1,
        sft=False,
        updates=3,
        batch_size=4,
        lora_r=2,
        objective="dpo",
        learning_rate=1e-2,
        logging_steps=1,
        evaluate_base=False,
        tuning=tuning,
    )
    (record,) = run(recipe)
    # At the start the model equals the reference policy: log 2 for any pairs.
    assert record["fit_loss_first"] == pytest.approx(0.6931, abs=1e-3)
    assert record["fit_loss_last"] < record["fit_loss_first"]
    assert record["fit_rewards_accuracies_last"] > 0.5
    fitted = tmp_path / "run/iteration-01/fit/model"
    assert not list(fitted.rglob("ref"))
    if tuning == "lora":
        weights = load_file(fitted / "adapter_model.safetensors")
        assert not [name for name in weights if "ref" in name]
        assert json.loads((fitted / "adapter_config.json").read_text())["r"] == 2
    checkpoints.load(str(fitted))
