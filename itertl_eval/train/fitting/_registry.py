"""Objectives by name: what each one trains on, and with which trainer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from transformers import Trainer, TrainerCallback, TrainingArguments

from itertl_eval.errors import UsageError
from itertl_eval.train.config import ObjectiveArguments, TrainerArguments
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.fitting._groups import Group, collate, pairs, verified
from itertl_eval.train.fitting._objectives import LOSSES, Loss, make_objective
from itertl_eval.train.models import Encoder


@dataclass(frozen=True)
class TrainerParts:
    """Parts that a trainer is built from.

    `rows` is a Dataset of Groups in the order of the updates. `reward` is for objectives that
    sample by themselves.
    """

    model: Any
    settings: TrainingArguments
    rows: Any
    encoder: Encoder
    objective: ObjectiveArguments
    trainer: TrainerArguments
    callbacks: list[TrainerCallback]
    reward: Callable[..., list[float | None]] | None = None


@dataclass(frozen=True)
class Objective:
    """What one value of the recipe's `objective` field does.

    Attributes:
        select: The groups that are trained on, out of an iteration's groups.
        trainer: Make the trainer that computes the loss.
        settings: The class of the trainer's arguments, and arguments beyond those of
            transformers.
        check: Raise UsageError for settings that this objective can't be combined with.
        on_policy: Train on all fresh samples, with the log-probability of each token, and on
            nothing else.
        online: The trainer samples by itself, from groups without candidates.
    """

    select: Callable[[Sequence[Group], ObjectiveArguments], list[Group]]
    trainer: Callable[[TrainerParts], Trainer]
    settings: Callable[[ObjectiveArguments], tuple[type[TrainingArguments], dict[str, Any]]]
    check: Callable[[ObjectiveArguments, TrainerArguments], None]
    on_policy: bool = False
    online: bool = False


def _every_group(groups: Sequence[Group], _: ObjectiveArguments) -> list[Group]:
    return list(groups)


def _verified_only(groups: Sequence[Group], _: ObjectiveArguments) -> list[Group]:
    return verified(groups)


def _group_trainer(loss: str | None, parts: TrainerParts) -> Trainer:
    """Return a trainer for a loss of LOSSES; None: for clipped importance ratios."""
    objective, trainer = parts.objective, parts.trainer
    return GroupTrainer(
        model=parts.model,
        args=parts.settings,
        train_dataset=parts.rows,
        data_collator=partial(collate, pad_id=parts.encoder.pad_id),
        objective=None if loss is None else _loss(loss, objective),
        clip=objective.clip if loss is None else 0.0,
        head_chunk=trainer.head_chunk,
        split_rows=trainer.split_rows if trainer.split_gradients else 0,
        kl_weight=objective.kl_weight,
        callbacks=parts.callbacks,
    )


def _loss(name: str, objective: ObjectiveArguments) -> Loss:
    return make_objective(
        name,
        reference_weight=objective.reference_weight,
        passing_weight=objective.passing_weight,
        ranking_weight=objective.ranking_weight,
        margin=objective.margin,
        gap=objective.gap,
        paper_margin=objective.paper_margin,
        paper_gap=objective.paper_gap,
    )


def _plain_settings(_: ObjectiveArguments) -> tuple[type[TrainingArguments], dict[str, Any]]:
    return TrainingArguments, {}


def _no_conflict(_: ObjectiveArguments, __: TrainerArguments) -> None:
    pass


def _preference_pairs(groups: Sequence[Group], arguments: ObjectiveArguments) -> list[Group]:
    return pairs(groups, arguments.gap)


def _preference_trainer(parts: TrainerParts) -> Trainer:
    from itertl_eval.train.fitting._dpo import PreferenceTrainer  # TRL takes seconds to import

    return PreferenceTrainer.of(
        parts.model, parts.settings, parts.rows, parts.encoder, parts.callbacks
    )


def _preference_settings(
    arguments: ObjectiveArguments,
) -> tuple[type[TrainingArguments], dict[str, Any]]:
    from itertl_eval.train.fitting._dpo import settings

    return settings(arguments)


def _check_preference(objective: ObjectiveArguments, trainer: TrainerArguments) -> None:
    if objective.kl_weight or trainer.split_gradients:
        raise UsageError(
            "objective: dpo runs in TRL's trainer, without kl_weight (use dpo_beta) and without "
            "split_gradients"
        )


def _online_trainer(parts: TrainerParts) -> Trainer:
    from itertl_eval.train.fitting._grpo import OnlineTrainer  # TRL takes seconds to import

    assert parts.reward is not None
    return OnlineTrainer.of(
        parts.model,
        parts.settings,
        parts.rows.groups,
        parts.encoder,
        parts.callbacks,
        parts.reward,
    )


def _online_settings(
    arguments: ObjectiveArguments,
) -> tuple[type[TrainingArguments], dict[str, Any]]:
    from itertl_eval.train.fitting._grpo import settings

    return settings(arguments)


def _check_online(_: ObjectiveArguments, trainer: TrainerArguments) -> None:
    if trainer.split_gradients:
        raise UsageError("objective: grpo runs in TRL's trainer, without split_gradients")


def _check_clipped(_: ObjectiveArguments, trainer: TrainerArguments) -> None:
    if trainer.split_gradients:
        raise UsageError("objective: clipped works per token, without split_gradients")


OBJECTIVES: dict[str, Objective] = {
    name: Objective(
        select=_verified_only if name == "rft" else _every_group,
        trainer=partial(_group_trainer, name),
        settings=_plain_settings,
        check=_no_conflict,
    )
    for name in LOSSES
}
OBJECTIVES["clipped"] = Objective(
    select=_every_group,
    trainer=partial(_group_trainer, None),
    settings=_plain_settings,
    check=_check_clipped,
    on_policy=True,
)
OBJECTIVES["grpo"] = Objective(
    select=_every_group,
    trainer=_online_trainer,
    settings=_online_settings,
    check=_check_online,
    online=True,
)
OBJECTIVES["dpo"] = Objective(
    select=_preference_pairs,
    trainer=_preference_trainer,
    settings=_preference_settings,
    check=_check_preference,
)
