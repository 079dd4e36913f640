"""One fit: groups in, a trained model out, by a GroupTrainer with a fresh optimizer."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import Trainer, TrainerCallback, TrainingArguments

from itertl_eval._util.progress import Progress
from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import UsageError
from itertl_eval.train.config import (
    ObjectiveArguments,
    Recipe,
    ReportArguments,
    TrainerArguments,
)
from itertl_eval.train.fitting._groups import Group
from itertl_eval.train.fitting._registry import OBJECTIVES, TrainerParts
from itertl_eval.train.models import Encoder, checkpoints
from itertl_eval.train.run import Phase, digest, ranks


@dataclass(frozen=True)
class FitPlan:
    """What one fit does: its objective's name, how many updates, how fast, with which seed."""

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
    report: ReportArguments
    run_dir: str
    revision: str | None = None

    @classmethod
    def of(cls, recipe: Recipe) -> FitSettings:
        """Return the settings of a whole recipe."""
        return cls(
            recipe.objective,
            recipe.trainer,
            recipe.report,
            recipe.loop.run_dir,
            recipe.data.model_revision,
        )


def updates_of(groups: int, batch_size: int, updates: int, epochs: float) -> int:
    """The number of optimizer updates: given, or enough for `epochs` passes over the groups."""
    return updates or max(1, math.ceil(groups * epochs / batch_size))


class GroupOrder(Dataset):
    """Exactly the groups that all updates of a fit see, in order: shuffled pass after pass.

    Fixed in advance, so neither the number of ranks nor a restart changes what is seen when.
    """

    def __init__(self, groups: Sequence[Group], count: int, seed: int) -> None:
        self.groups = groups
        order: list[int] = []
        turn = 0
        while len(order) < count:
            source = torch.Generator().manual_seed(int(digest([seed, turn])[:12], 16))
            order += torch.randperm(len(groups), generator=source).tolist()
            turn += 1
        self.order = order[:count]

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Group:
        return self.groups[self.order[index]]


def require(settings: FitSettings) -> None:
    """Raise UsageError for settings that would stop a fit only after hours of sampling."""
    micro_batch(settings.trainer)
    OBJECTIVES[settings.objective.objective].check(settings.objective, settings.trainer)
    known = {
        "tensorboard": ("tensorboard", "tensorboardX"),
        "wandb": ("wandb",),
        "trackio": ("trackio",),
    }
    for name in settings.report.report_to:
        packages = known.get(name, ())
        if packages and not any(importlib.util.find_spec(package) for package in packages):
            raise UsageError(f"report_to: {name} is not installed (pip install {packages[0]})")
        if not packages and name not in ("none", "all"):
            raise UsageError(f"report_to: {name!r} is none of none, all, {', '.join(known)}")


def micro_batch(arguments: TrainerArguments) -> int:
    """Return the groups per forward pass and rank.

    Raises UsageError when the batch can't be divided among the ranks.
    """
    world = ranks.world()
    micro = min(arguments.micro_batch_size, max(1, arguments.batch_size // world))
    if arguments.batch_size % (micro * world):
        raise UsageError(
            f"batch_size {arguments.batch_size} can't be divided into {world} rank(s) of "
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
) -> dict[str, Any]:
    """Train from the model `start` and write model/ in the phase; go on from a checkpoint there.

    Returns the logged means of the fit. Raises UsageError when the batch can't be divided.
    """
    arguments = settings.trainer
    model = checkpoints.load_trainable(start, base, arguments, settings.revision, plan.seed)
    work = phase.folder / "checkpoints"
    # Below output_dir, transformers' own choice, the log would go with the checkpoints.
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(Path(settings.run_dir, "tensorboard", label))
    parts = TrainerParts(
        model=model,
        settings=training_arguments(settings, plan, work, label),
        rows=GroupOrder(groups, plan.updates * arguments.batch_size, plan.seed),
        encoder=encoder,
        objective=settings.objective,
        trainer=arguments,
        callbacks=[_Bar(label, phase.model)],
    )
    trainer = OBJECTIVES[plan.objective].trainer(parts)
    trainer.remove_callback(_printer())
    trainer.train(resume_from_checkpoint=last_checkpoint(work))
    if "wandb" in (parts.settings.report_to or []):
        import wandb

        wandb.finish()  # or the next fit is logged into the run of this one
    _save(trainer, encoder, phase.folder)
    return summary(trainer.state.log_history, plan, len(groups))


def training_arguments(
    settings: FitSettings, plan: FitPlan, output: Path, label: str
) -> TrainingArguments:
    """transformers' arguments for a fit; the batch of a recipe is over all ranks."""
    arguments = settings.trainer
    world, micro = ranks.world(), micro_batch(arguments)
    cuda = torch.cuda.is_available()
    kind, extra = OBJECTIVES[plan.objective].settings(settings.objective)
    if arguments.gradient_checkpointing:
        # Newer releases call it activation_checkpointing; this name is known to all of them.
        extra["gradient_checkpointing"] = True
        extra["gradient_checkpointing_kwargs"] = {"use_reentrant": False}
    if arguments.fsdp:
        extra["fsdp"] = arguments.fsdp
    if arguments.deepspeed:
        extra["deepspeed"] = arguments.deepspeed
    return kind(
        output_dir=str(output),
        run_name=f"{settings.run_dir}/{label}",
        per_device_train_batch_size=micro,
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
        save_strategy="steps",
        save_steps=arguments.save_steps,
        save_total_limit=1,
        report_to=settings.report.report_to,
        disable_tqdm=True,
        seed=plan.seed,
        data_seed=plan.seed,
        **extra,
    )


def last_checkpoint(folder: Path) -> str | None:
    """The newest whole checkpoint; torn ones, cut short by a kill, are deleted."""
    found = []
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            step = json.loads((checkpoint / "trainer_state.json").read_text())["global_step"]
        except (OSError, ValueError, KeyError):  # the state is what is written last
            if ranks.is_main():
                shutil.rmtree(checkpoint, ignore_errors=True)
            continue
        found.append((step, str(checkpoint)))
    return max(found)[1] if found else None


def summary(history: Sequence[dict[str, Any]], plan: FitPlan, groups: int) -> dict[str, Any]:
    """What a fit's log comes to: first and last loss, the reference's log-probability, the gap."""
    logged = [entry for entry in history if "loss" in entry]
    result: dict[str, Any] = {"updates": plan.updates, "groups": groups}
    for key in ("loss", "reference_logprob", "sampler_gap", "rewards/accuracies"):
        values = [entry[key] for entry in logged if key in entry]
        name = key.replace("/", "_")
        if values:
            result[f"{name}_first"], result[f"{name}_last"] = values[0], values[-1]
    return result


def _save(trainer: Trainer, encoder: Encoder, folder: Path) -> None:
    partial_folder = folder / ".model.partial"
    if ranks.is_main():
        shutil.rmtree(partial_folder, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()
    trainer.save_model(str(partial_folder))
    trainer.accelerator.wait_for_everyone()
    if ranks.is_main():
        (partial_folder / "training_args.bin").unlink(missing_ok=True)  # a pickle nobody needs
        encoder.tokenizer.save_pretrained(partial_folder)
        shutil.rmtree(folder / "model", ignore_errors=True)
        partial_folder.rename(folder / "model")
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)


def _printer() -> type[TrainerCallback]:
    from transformers.trainer_callback import PrinterCallback

    return PrinterCallback


class _Bar(TrainerCallback):
    """Shows the updates of a fit, and times them."""

    def __init__(self, label: str, time: Stopwatch) -> None:
        self.label = label
        self.time = time
        self.progress: Progress | None = None
        self.note = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, control
        self.progress = Progress(self.label, state.max_steps, "update", state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        del args, state, control
        if logs and "loss" in logs:
            self.note = f"loss {float(logs['loss']):.3f}"

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        self.time.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args
        self.time.stop()
        if state.global_step == state.max_steps:
            control.should_log = True  # the last updates count, however few they are
        if self.progress is not None:
            self.progress.update(1, self.note)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, state, control
        if self.progress is not None:
            self.progress.__exit__(None, None, None)
