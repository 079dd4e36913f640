"""Splitting a batch in any way must not change the updates."""

from contextlib import contextmanager
from functools import partial

import pytest
import torch
from transformers import TrainingArguments

from itertl_eval.errors import UsageError
from itertl_eval.train.config._fields import TrainerArguments
from itertl_eval.train.fitting import _group_trainer as trainers
from itertl_eval.train.fitting import _logprobs as logprobs
from itertl_eval.train.fitting._fit import GroupOrder
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.fitting._groups import Candidate, Group, collate
from itertl_eval.train.fitting._objectives import make_objective
from itertl_eval.train.fitting._packing import saves
from itertl_eval.train.models import checkpoints

pytestmark = pytest.mark.train


def make_groups(count=8):
    source = torch.Generator().manual_seed(1)

    def ids(low, high):
        length = int(torch.randint(low, high, (1,), generator=source))
        return torch.randint(2, 300, (length,), generator=source).tolist()

    groups = []
    for number in range(count):
        candidates = [Candidate(ids(3, 12), z) for z in (0.0, 0.2, 1.0, 0.5)[: 2 + number % 3]]
        if number % 3:
            candidates.append(Candidate(ids(3, 12), 1.0, is_reference=True))
        groups.append(Group(f"t{number}", ids(2, 9), candidates))
    return groups


def weights_after(
    model_path,
    tmp_path,
    *,
    micro=4,
    accumulation=1,
    steps=2,
    objective="clean",
    checkpointing=False,
    dtype="float64",
    bf16=False,
    **settings,
):
    """All weights after two AdamW updates over the same eight groups each."""
    if settings.get("kl_weight"):
        arguments = TrainerArguments(dtype=dtype, lora_r=4)
        model = checkpoints.load_trainable(str(model_path), str(model_path), arguments)
    else:
        model = checkpoints.load(str(model_path), dtype=dtype)
    extra = {"gradient_checkpointing": True} if checkpointing else {}
    trainer = GroupTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(tmp_path),
            per_device_train_batch_size=micro,
            max_steps=steps,
            gradient_accumulation_steps=accumulation,
            learning_rate=1e-3,
            use_cpu=True,
            remove_unused_columns=False,
            dataloader_pin_memory=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            max_grad_norm=0.0,
            adam_epsilon=1e-3,
            bf16=bf16,
            **extra,
        ),
        train_dataset=GroupOrder(make_groups(), 8 * steps, seed=0),
        data_collator=partial(collate, pad_id=1),
        objective=make_objective(objective),
        **settings,
    )
    trainer.train()
    return torch.cat([w.detach().flatten() for w in model.parameters()])


@pytest.fixture(scope="module")
def whole_batch(tiny_model, tmp_path_factory):
    """With prompts computed once, which `split_rows` does not do."""
    passes = []

    def noted(*shape):
        passes.append(saves(*shape))
        return passes[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainers, "saves", noted)
        weights = weights_after(tiny_model, tmp_path_factory.mktemp("whole"), micro=8)
    assert passes == [True, True]
    return weights


@pytest.mark.parametrize(
    "settings",
    [
        {"micro": 4, "accumulation": 2},
        {"micro": 1, "accumulation": 8},
        {"micro": 8, "head_chunk": 0},
        {"micro": 8, "head_chunk": 7},
        {"micro": 8, "split_rows": 1},
        {"micro": 4, "accumulation": 2, "split_rows": 3},
        {"micro": 8, "checkpointing": True},
    ],
    ids=lambda s: ",".join(f"{k}={v}" for k, v in s.items()),
)
def test_equals_one_whole_batch(tiny_model, tmp_path, whole_batch, settings):
    got = weights_after(tiny_model, tmp_path, **settings)
    assert (got - whole_batch).abs().max() < 1e-8


def test_the_updates_did_something(tiny_model, whole_batch):
    before = checkpoints.load(str(tiny_model), dtype="float64")
    start = torch.cat([w.detach().flatten() for w in before.parameters()])
    assert (whole_batch - start).abs().max() > 1e-4


def test_an_adapter_in_bfloat16_learns_the_same_without_peft_casting_its_inputs(
    tiny_model, tmp_path, monkeypatch
):
    settings = {"kl_weight": 5.0, "bf16": True, "dtype": "bfloat16"}
    got = weights_after(tiny_model, tmp_path, **settings)
    switched = []

    @contextmanager
    def noted(model, active):
        switched.append(active)
        yield

    monkeypatch.setattr("peft.helpers.disable_input_dtype_casting", noted)
    assert torch.equal(got, weights_after(tiny_model, tmp_path, **settings))
    weights_after(tiny_model, tmp_path, kl_weight=5.0)
    assert switched == [True, False]


@pytest.mark.parametrize("micro", [1, 2])
def test_the_kl_penalty_does_not_depend_on_the_micro_batch(tiny_model, tmp_path, micro):
    """Groups and candidates differ in size, so a mean over tokens would depend on it."""
    settings = {"kl_weight": 5.0, "steps": 3}
    whole = weights_after(tiny_model, tmp_path, micro=8, **settings)
    parts = weights_after(tiny_model, tmp_path, micro=micro, accumulation=8 // micro, **settings)
    free = weights_after(tiny_model, tmp_path, micro=8, kl_weight=1e-9, steps=3)
    assert (whole - free).abs().max() > 1e-4
    assert (whole - parts).abs().max() < 1e-8


@pytest.mark.parametrize("split_rows", [0, 2])
def test_the_sampler_gap_is_over_sampled_tokens(tiny_model, tmp_path, split_rows):
    """An end that was added after sampling is trained on, but not compared with the sampler."""
    model = checkpoints.load(str(tiny_model), dtype="float64")
    source = torch.Generator().manual_seed(5)
    prompt = [5, 6, 7]

    def candidate(length, added):
        ids = torch.randint(2, 300, (length,), generator=source).tolist()
        logits = model(input_ids=torch.tensor([prompt + ids])).logits[0].log_softmax(-1)
        logs = [logits[len(prompt) - 1 + at, token] for at, token in enumerate(ids)]
        sampled = torch.stack(logs[: length - added]).mean().item()
        return Candidate(ids, 1.0 if added else 0.0, logprob=sampled, added=added)

    groups = [Group("t", prompt, [candidate(4, 1), candidate(9, 0), candidate(6, 2)])]
    trainer = GroupTrainer(
        model=model,
        args=TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[]),
        data_collator=partial(collate, pad_id=1),
        objective=make_objective("clean"),
        split_rows=split_rows,
    )
    trainer.current_gradient_accumulation_steps = 1
    trainer.training_step(model, collate(groups, pad_id=1))
    logs = {"loss": 0.0}
    trainer.log(logs)
    assert abs(logs["sampler_gap"]) < 1e-6


@pytest.mark.parametrize("objective", ["rtlcoder-paper", "rtlcoder-code", "rrhf", "rft"])
def test_splitting_is_exact_for_every_objective(tiny_model, tmp_path, objective):
    one = weights_after(tiny_model, tmp_path, micro=8, objective=objective, steps=1)
    two = weights_after(tiny_model, tmp_path, micro=8, objective=objective, steps=1, split_rows=1)
    assert (one - two).abs().max() < 1e-8


def test_logprobs_equal_the_models_own_logits(tiny_model):
    batch = collate(make_groups(3), pad_id=1)
    model = checkpoints.load(str(tiny_model), dtype="float64").eval()
    logits = model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]
    ).logits.log_softmax(-1)
    wanted = []
    for row, (start, length) in enumerate(zip(batch["starts"], batch["lengths"], strict=True)):
        ids = batch["input_ids"][row]
        picked = [logits[row, at - 1, ids[at]] for at in range(start, start + length)]
        wanted.append(torch.stack(picked).mean())
    logprobs.install(model, 5)
    names = ("input_ids", "attention_mask", "starts", "lengths")
    answer = model(**{name: batch[name] for name in names})
    got = logprobs.row_means(answer["tokens"], answer["rows"], batch["lengths"])
    torch.testing.assert_close(got, torch.stack(wanted))
    logprobs.remove(model)
    assert model(input_ids=batch["input_ids"]).logits.shape[-1] > 300


def test_splitting_refuses_dropout(tiny_model, tmp_path):
    model = checkpoints.load(str(tiny_model))
    model.config.attention_dropout = 0.1
    with pytest.raises(UsageError, match="dropout"):
        GroupTrainer(
            model=model,
            objective=make_objective("clean"),
            split_rows=1,
            args=TrainingArguments(output_dir=str(tmp_path), use_cpu=True, report_to=[]),
        )


def test_padding_is_not_learnt_even_if_the_pad_is_the_end_token(tiny_model):
    """The end token of a short completion counts; padding with the same id does not."""
    groups = [Group("a", [5, 6], [Candidate([7, 1], 1.0), Candidate([7, 8, 9, 10, 1], 0.0)])]
    batch = collate(groups, pad_id=1)
    mask = logprobs.response_mask(batch["attention_mask"], batch["starts"], batch["lengths"])
    assert mask.sum(1).tolist() == [2, 5]
    assert batch["input_ids"][0].tolist() == [5, 6, 7, 1, 1, 1, 1]


def test_grouping_by_length_pads_less_and_keeps_the_groups_of_an_update():
    groups = make_groups(24)
    plain, sorted_ = (GroupOrder(groups, 48, 0, update).order for update in (0, 8))
    assert plain != sorted_
    for at in range(0, 48, 8):
        assert sorted(plain[at : at + 8]) == sorted(sorted_[at : at + 8])

    def padded(order):
        parts = [order[at : at + 2] for at in range(0, 48, 2)]
        return sum(collate([groups[n] for n in part], 1)["input_ids"].numel() for part in parts)

    assert padded(sorted_) < padded(plain)
