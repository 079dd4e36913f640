"""One fit: train a model on groups with a fresh optimizer, and save it."""

from __future__ import annotations

import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from itertl_eval.errors import UsageError
from itertl_eval.train.config import (
    ObjectiveArguments,
    Recipe,
    ReportArguments,
    SampleArguments,
    TrainerArguments,
)
from itertl_eval.train.fitting._callbacks import Diverged, ProgressCallback, StopAtNaN
from itertl_eval.train.fitting._groups import Group
from itertl_eval.train.fitting._registry import OBJECTIVES, TrainerParts
from itertl_eval.train.fitting._saved import CHECKPOINTS, discard, last_checkpoint
from itertl_eval.train.models import Encoder, checkpoints
from itertl_eval.train.run import Phase, digest, ranks


@dataclass(frozen=True)
class FitPlan:
    """One fit: the name of its objective, its updates, peak learning rate and seed."""

    objective: str
    updates: int
    learning_rate: float
    seed: int


@dataclass(frozen=True)
class FitSettings:
    """The parts of a recipe that a fit needs.

    `revision` is that of a base model from a hub.
    """

    objective: ObjectiveArguments
    trainer: TrainerArguments
    sampling: SampleArguments
    report: ReportArguments
    revision: str | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> FitSettings:
        """Return the settings of a whole recipe."""
        return cls(
            recipe.objective,
            recipe.trainer,
            recipe.sampling,
            recipe.report,
            recipe.data.model_revision,
        )


def updates_of(groups: int, batch_size: int, updates: int, epochs: float) -> int:
    """Return the number of optimizer updates: `updates`, or `epochs` passes if that is 0."""
    return updates or max(1, math.ceil(groups * epochs / batch_size))


def reuse_of(groups: int, updates: int, batch_size: int) -> int:
    """Return how many updates train on a batch of samples, so that each group is used once."""
    return max(1, round(updates * batch_size / groups))


class GroupOrder(Dataset[Group]):
    """The groups of all updates of a fit in order, shuffled anew for each pass.

    The order is fixed in advance, so neither the number of ranks nor a restart changes it.

    Args:
        groups: The training set.
        count: How many groups all updates have together.
        seed: Seed of the order.
        update: Groups per update, which are sorted by length within it; 0: not sorted. The
            groups of an update stay the same, and so does the update.
    """

    def __init__(self, groups: Sequence[Group], count: int, seed: int, update: int = 0) -> None:
        self.groups = groups
        order: list[int] = []
        turn = 0
        while len(order) < count:
            source = torch.Generator().manual_seed(int(digest([seed, turn])[:12], 16))
            order += torch.randperm(len(groups), generator=source).tolist()
            turn += 1
        self.order = order[:count]
        if update:
            sizes = [group.longest for group in groups]
            parts = [self.order[at : at + update] for at in range(0, count, update)]
            self.order = [at for part in parts for at in sorted(part, key=sizes.__getitem__)]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Group:
        return self.groups[self.order[index]]


def require(settings: FitSettings) -> None:
    """Raise UsageError for settings that would stop a fit only after hours of sampling."""
    micro_batch(settings.trainer)
    OBJECTIVES[settings.objective.objective].check(settings.objective, settings.trainer)


def micro_batch(arguments: TrainerArguments) -> int:
    """Return the groups per forward pass and rank.

    Raises UsageError if the batch cannot be divided among the ranks.
    """
    world = ranks.world()
    micro = min(arguments.micro_batch_size, max(1, arguments.batch_size // world))
    if arguments.batch_size % (micro * world):
        raise UsageError(
            f"batch_size {arguments.batch_size} is not a multiple of {world} rank(s) x "
            f"micro_batch_size {micro}"
        )
    return micro


def fit(
    groups: Sequence[Group],
    plan: FitPlan,
    settings: FitSettings,
    *,
    start: str,
    base: str,
    encoder: Encoder,
    phase: Phase,
    label: str,
    callbacks: Sequence[TrainerCallback] = (),
    reward: Callable[..., list[float | None]] | None = None,
) -> dict[str, Any]:
    """Train from the model `start` and write model/ to the phase's folder.

    Continues from a checkpoint if the phase has one. `discard` them after the phase is finished.

    Args:
        groups: Training set.
        plan: Objective, updates, learning rate and seed.
        settings: The parts of the recipe that matter here.
        start: Model that training starts from.
        base: Model below all adapters of the run.
        encoder: Tokenizer, saved with the model.
        phase: Where to write.
        label: Name of the fit in progress bars.
        callbacks: More callbacks of the trainer.
        reward: TRL's reward function, for an objective that samples by itself.

    Returns:
        The first and last logged means of the fit.

    Raises:
        UsageError: The batch cannot be divided among the ranks, or the fit diverged.
    """
    arguments = settings.trainer
    model = checkpoints.load_trainable(start, base, arguments, settings.revision, plan.seed)
    work = phase.folder / CHECKPOINTS
    parts = TrainerParts(
        model=model,
        settings=training_arguments(settings, plan, work, len(groups)),
        rows=GroupOrder(
            groups,
            plan.updates * arguments.batch_size,
            plan.seed,
            arguments.batch_size if arguments.group_by_length else 0,
        ),
        encoder=encoder,
        objective=settings.objective,
        trainer=arguments,
        callbacks=[ProgressCallback(label, phase.model), StopAtNaN(), *callbacks],
        reward=reward,
    )
    trainer = OBJECTIVES[plan.objective].trainer(parts)
    trainer.remove_callback(PrinterCallback)
    try:
        trainer.train(resume_from_checkpoint=last_checkpoint(work))
        if not _is_finite(trainer):
            raise Diverged("weights have become NaN or infinite")
    except Diverged as error:
        # Without them a lower rate can be set while this is the run's first fit.
        discard(work)
        raise UsageError(f"{label}: {error}. Set a lower learning_rate") from None
    _save(trainer, encoder, phase.folder)
    return summary(trainer.state.log_history, plan, len(groups))


def training_arguments(
    settings: FitSettings, plan: FitPlan, output: Path, groups: int = 0
) -> TrainingArguments:
    """Return transformers' arguments for a fit; a recipe's batch is over all ranks.

    `groups` is the size of the training set, for an objective that samples by itself.
    """
    arguments = settings.trainer
    world, micro = ranks.world(), micro_batch(arguments)
    cuda = torch.cuda.is_available()
    save_steps = arguments.save_steps
    kind, extra = OBJECTIVES[plan.objective].settings(settings.objective)
    extra["per_device_train_batch_size"] = micro
    if OBJECTIVES[plan.objective].online:
        from itertl_eval.train.fitting._grpo import sampling_settings  # TRL takes seconds to import

        reuse = reuse_of(groups, plan.updates, arguments.batch_size)
        # TRL keeps no samples in a checkpoint, so one can only resume where new ones are made.
        save_steps = math.ceil(save_steps / reuse) * reuse
        extra |= sampling_settings(settings.sampling, micro, reuse)
    if arguments.gradient_checkpointing:
        # Newer releases call it activation_checkpointing; all of them know this name.
        extra["gradient_checkpointing"] = True
        extra["gradient_checkpointing_kwargs"] = {"use_reentrant": False}
    if arguments.optim:
        extra["optim"] = arguments.optim
    if arguments.fsdp:
        extra["fsdp"] = arguments.fsdp
    if arguments.deepspeed:
        extra["deepspeed"] = arguments.deepspeed
    return kind(
        output_dir=str(output),
        gradient_accumulation_steps=arguments.batch_size // (micro * world),
        max_steps=plan.updates,
        learning_rate=plan.learning_rate,
        lr_scheduler_type=arguments.lr_scheduler_type,
        warmup_steps=round(arguments.warmup_ratio * plan.updates),
        weight_decay=arguments.weight_decay,
        adam_epsilon=arguments.adam_epsilon,
        max_grad_norm=arguments.max_grad_norm,
        bf16=arguments.bf16,
        use_cpu=not cuda,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
        average_tokens_across_devices=False,
        logging_steps=settings.report.logging_steps,
        logging_first_step=True,
        logging_nan_inf_filter=False,  # StopAtNaN has to see it
        save_strategy="steps",
        save_steps=save_steps,
        save_total_limit=1,
        report_to=["none"],  # the whole run is one run of a tracker
        disable_tqdm=True,
        seed=plan.seed,
        data_seed=plan.seed,
        **extra,
    )


def summary(history: Sequence[dict[str, Any]], plan: FitPlan, groups: int) -> dict[str, Any]:
    """Return the first and last logged loss, reference log-probability and sampler gap."""
    logged = [entry for entry in history if "loss" in entry]
    result: dict[str, Any] = {"updates": plan.updates, "groups": groups}
    for key in ("loss", "reference_logprob", "sampler_gap", "rewards/accuracies", "reward"):
        values = [entry[key] for entry in logged if key in entry]
        name = key.replace("/", "_")
        if values:
            result[f"{name}_first"], result[f"{name}_last"] = values[0], values[-1]
    return result


def _is_finite(trainer: Trainer) -> bool:
    """Return whether all trained weights are numbers, on all ranks."""
    assert trainer.model is not None
    trained = (weight for weight in trainer.model.parameters() if weight.requires_grad)
    own = (getattr(weight, "_local_tensor", weight) for weight in trained)  # FSDP's part
    finite = torch.tensor([all(bool(part.isfinite().all()) for part in own)])
    return bool(trainer.accelerator.gather(finite.to(trainer.accelerator.device)).all())


def _save(trainer: Trainer, encoder: Encoder, folder: Path) -> None:
    partial_folder = folder / ".model.partial"
    if ranks.is_main():
        shutil.rmtree(partial_folder, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    trainer.save_model(str(partial_folder))
    trainer.accelerator.wait_for_everyone()
    if ranks.is_main():
        (partial_folder / "training_args.bin").unlink(
            missing_ok=True
        )  # a pickle that is never read
        encoder.tokenizer.save_pretrained(partial_folder)
        shutil.rmtree(folder / "model", ignore_errors=True)
        partial_folder.rename(folder / "model")
