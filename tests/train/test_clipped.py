"""The policy gradient with clipped importance ratios: `objective: clipped`."""

import json
from functools import partial

import numpy as np
import pytest
import torch
from transformers import TrainingArguments

from itertl_eval.errors import UsageError
from itertl_eval.train._loop import run
from itertl_eval.train.fitting._fit import GroupOrder
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.fitting._groups import Candidate, Counts, Group, collate, whole
from itertl_eval.train.fitting._objectives import clipped
from itertl_eval.train.models import checkpoints

pytestmark = pytest.mark.train


def test_the_loss_is_that_of_the_formula():
    rng = np.random.default_rng(0)
    lengths, z = [3, 5, 2], np.array([0.0, 0.5, 1.0])
    new, old = (-rng.random(10) for _ in range(2))
    old[4] = np.nan  # a token that was not sampled
    rows = np.repeat([0, 1, 2], lengths)
    advantage = (z - z.mean()) / (z.std(ddof=1) + 1e-4)
    due = []
    for row in range(3):
        terms = []
        for t in np.flatnonzero((rows == row) & ~np.isnan(old)):
            ratio = np.exp(new[t] - old[t])
            bounded = min(max(ratio, 0.8), 1.2)
            terms.append(min(ratio * advantage[row], bounded * advantage[row]))
        due.append(sum(terms) / len(terms))
    tensors = [torch.tensor(value) for value in (new, old, rows, z)]
    assert clipped(*tensors, clip=0.2).item() == pytest.approx(-sum(due) / 3, abs=1e-12)


def test_a_token_stops_to_contribute_when_its_ratio_leaves_the_range():
    new = torch.tensor([0.0, 0.3, -0.3, 0.0], requires_grad=True)
    rows, z = torch.tensor([0, 0, 1, 1]), torch.tensor([1.0, 0.0])
    clipped(new, torch.zeros(4), rows, z, clip=0.2).backward()
    assert (new.grad != 0).tolist() == [True, False, False, True]


def test_all_fresh_samples_are_one_group_and_equal_scores_none():
    counts = Counts()
    same = Candidate([1, 2], 0.0, logprobs=[-1.0, -2.0])
    better = Candidate([3], 0.5, logprobs=[-1.0])
    (group,) = whole("t", [7], [same, same, better], counts)
    assert group.candidates == [same, same, better]
    assert Group.from_row(json.loads(json.dumps(group.as_row()))) == group
    assert whole("u", [7], [same, same], counts) == []
    assert (counts.groups, counts.no_gap, counts.samples) == (1, 1, 5)


def policy_groups():
    source = torch.Generator().manual_seed(3)
    groups = []
    for number in range(8):
        candidates = []
        for z in (0.0, 0.4, 1.0)[: 2 + number % 2]:
            length = int(torch.randint(3, 12, (1,), generator=source))
            ids = torch.randint(2, 300, (length,), generator=source).tolist()
            logs = (-torch.rand(length, generator=source) * 10).tolist()
            added = int(z == 1.0)  # its last token was not sampled
            candidates.append(Candidate(ids, z, added=added, logprobs=logs[: length - added]))
        groups.append(Group(f"t{number}", [2 + number, 5, 6], candidates))
    return groups


def weights_after(path, folder, micro):
    model = checkpoints.load(str(path), dtype="float64")
    trainer = GroupTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(folder),
            per_device_train_batch_size=micro,
            gradient_accumulation_steps=8 // micro,
            max_steps=2,
            learning_rate=1e-3,
            use_cpu=True,
            remove_unused_columns=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            adam_epsilon=1e-3,
        ),
        train_dataset=GroupOrder(policy_groups(), 16, seed=0),
        data_collator=partial(collate, pad_id=1),
        objective=None,
        clip=0.2,
    )
    trainer.train()
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


def test_the_micro_batch_does_not_matter(tiny_model, tmp_path):
    start = checkpoints.load(str(tiny_model), dtype="float64")
    before = torch.cat([weight.detach().flatten() for weight in start.parameters()])
    one, two = (weights_after(tiny_model, tmp_path, micro) for micro in (8, 2))
    assert (one - before).abs().max() > 1e-4
    assert (one - two).abs().max() < 1e-8


@pytest.mark.simulator
def test_the_loop_trains_on_what_it_sampled(recipe, tmp_path, monkeypatch):
    """At the fit's first update the ratios are 1: the model that samples is the one that trains."""
    seen = []

    def noted(new, old, rows, z, *, clip):
        known = ~torch.isnan(old)
        seen.append(float((new[known] - old[known]).abs().max()))
        return clipped(new, old, rows, z, clip=clip)

    monkeypatch.setattr("itertl_eval.train.fitting._group_trainer.clipped", noted)
    monkeypatch.setattr(
        "itertl_eval.train._training_set.whole",
        lambda task, prompt, fresh, counts: [Group(task, prompt, list(fresh))],
    )  # the scores of a random model are all equal
    run(recipe(objective="clipped", sft=False, evaluate_base=False, max_new_tokens=12))
    assert seen
    assert seen[0] < 1e-4
    rows = (tmp_path / "run/iteration-01/sample/samples-0.jsonl").read_text().splitlines()
    assert all("logprobs" in json.loads(row) for row in rows)
    held = (tmp_path / "run/iteration-01/heldout-sample/samples-0.jsonl").read_text().splitlines()
    assert not any("logprobs" in json.loads(row) for row in held)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0.8}, "temperature: 1"),
        ({"sample_from": "first"}, "sample_from: last"),
        ({"sampler": "server"}, "a server does not return"),
    ],
)
def test_settings_that_would_make_the_ratios_wrong_are_refused(recipe, change, message):
    with pytest.raises(UsageError, match=message):
        recipe(objective="clipped", **change)
