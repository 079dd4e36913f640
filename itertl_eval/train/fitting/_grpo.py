"""GRPO by TRL's own trainer, with the loop's grader as its reward: `objective: grpo`.

TRL samples and trains in turn, so this objective replaces the rounds: one fit makes all their
updates, on as many samples. Each batch of samples is reused for as many updates as that takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from itertl_eval.errors import UsageError
from itertl_eval.train.config import ObjectiveArguments, SampleArguments
from itertl_eval.train.fitting._groups import Group
from itertl_eval.train.models import Encoder

Reward = Callable[..., list[float | None]]


def settings(objective: ObjectiveArguments) -> tuple[type[GRPOConfig], dict[str, Any]]:
    """Return TRL's argument class and the settings of the loss."""
    return GRPOConfig, {
        "beta": objective.kl_weight,
        "epsilon": objective.clip,
        "loss_type": "grpo",
        "scale_rewards": "group",
        "mask_truncated_completions": False,  # they count as failures, as everywhere in a run
        "gradient_checkpointing": False,  # TRL's default is True
    }


def sampling_settings(sampling: SampleArguments, micro: int, reuse: int) -> dict[str, Any]:
    """Return TRL's settings of sampling.

    Args:
        sampling: The recipe's fields.
        micro: Groups per forward pass and rank.
        reuse: Updates that train on a batch of samples.
    """
    return {
        "num_generations": sampling.samples_per_instruction,
        "per_device_train_batch_size": micro * sampling.samples_per_instruction,
        "num_iterations": reuse,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_completion_length": sampling.max_new_tokens,
    }


class OnlineTrainer(GRPOTrainer):
    """TRL's trainer on the prompts of a run."""

    @classmethod
    def of(
        cls,
        model: Any,
        config: Any,
        groups: list[Group],
        encoder: Encoder,
        callbacks: list[TrainerCallback],
        reward: Reward,
    ) -> OnlineTrainer:
        """Return a trainer that samples for the prompts of `groups`.

        Raises:
            UsageError: TRL would not encode the prompts as the loop does, or not end completions
                where it does.
        """
        rows = [{"prompt": _prompt(group, encoder), "problem_id": group.task} for group in groups]
        if encoder.end_id != encoder.eos_id:
            raise UsageError(
                "objective: grpo: TRL ends completions at the tokenizer's end token, which is not "
                "this chat template's end of turn. Use objective: clipped"
            )
        return cls(
            model=model,
            reward_funcs=reward,
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=encoder.tokenizer,
            callbacks=callbacks,
        )

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write nothing: the run writes its own card."""


def _prompt(group: Group, encoder: Encoder) -> str:
    """Return the text that TRL encodes as the group's prompt."""
    text = encoder.text(group.prompt)
    if list(encoder.tokenizer(text)["input_ids"]) != group.prompt:
        raise UsageError(
            f"objective: grpo: TRL would encode the prompt of {group.task} in another way than "
            "the loop. Use objective: clipped"
        )
    return text
