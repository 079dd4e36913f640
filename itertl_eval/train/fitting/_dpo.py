"""DPO through TRL on the same graded samples: `objective: dpo`.

Every completion that scores lower than its group's best by more than `gap` is the rejected side
of one pair; the best is the chosen side. TRL's DPOTrainer computes the loss. It receives the
sampled token ids, so nothing is tokenised twice, and the pairs in the order of the fit. The
reference policy is the model that the fit starts from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from datasets import Dataset
from torch.utils.data import Sampler, SequentialSampler
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from itertl_eval.train.config import ObjectiveArguments
from itertl_eval.train.fitting._groups import Group
from itertl_eval.train.models import Encoder


def as_columns(pair: Group) -> dict[str, list[int]]:
    """Return a pair under TRL's names for tokenised data."""
    chosen, rejected = pair.candidates
    return {"prompt_ids": pair.prompt, "chosen_ids": chosen.ids, "rejected_ids": rejected.ids}


def settings(objective: ObjectiveArguments) -> tuple[type[DPOConfig], dict[str, Any]]:
    """Return TRL's argument class and the settings that it needs beyond transformers'."""
    weights = {"sigmoid": 1.0, "sft": objective.dpo_likelihood}
    return DPOConfig, {
        "beta": objective.dpo_beta,
        "loss_type": [name for name, weight in weights.items() if weight],
        "loss_weights": [weight for weight in weights.values() if weight],
        "max_length": None,
        "gradient_checkpointing": False,  # TRL's default is True
    }


class PreferenceTrainer(DPOTrainer):
    """TRL's trainer over existing token ids, in the order of the data set."""

    @classmethod
    def of(
        cls, model: Any, config: Any, rows: Any, encoder: Encoder, callbacks: list[TrainerCallback]
    ) -> PreferenceTrainer:
        """Return a trainer whose `rows` are pairs."""
        return cls(
            model=model,
            args=config,
            train_dataset=Dataset.from_list([as_columns(rows[at]) for at in range(len(rows))]),
            processing_class=encoder.tokenizer,
            data_collator=DataCollatorForPreference(pad_token_id=encoder.pad_id),
            callbacks=callbacks,
        )

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the mean loss of the batch's pairs.

        TRL averages the likelihood term over all tokens of a batch, so its value would depend on
        which pairs share a forward pass. Each pair is computed alone, which gives the mean over
        pairs for any micro batch and any number of ranks.
        """
        count = len(inputs["input_ids"]) // 2
        config: Any = self.args
        if return_outputs or count == 1 or "sft" not in config.loss_type:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        losses = [
            super(PreferenceTrainer, self).compute_loss(model, pair) for pair in _pairs(inputs)
        ]
        return torch.stack(losses).mean()

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def _get_train_sampler(self, *_: Any) -> Sampler[int]:
        assert self.train_dataset is not None
        return SequentialSampler(self.train_dataset)  # type: ignore[arg-type]

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write nothing: the run writes its own card."""

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Train, then drop TRL's copy of the adapter."""
        result = super().train(*args, **kwargs)
        model: Any = self.accelerator.unwrap_model(self.model)
        if "ref" in getattr(model, "peft_config", {}):
            # The copy is the reference policy and not part of the result.
            model.delete_adapter("ref")
        return result


def _pairs(batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield batches of one pair, from tensors of [chosen rows, rejected rows] or of pairs."""
    count = len(batch["input_ids"]) // 2
    for at in range(count):
        yield {
            name: value[at::count] if len(value) == 2 * count else value[at : at + 1]
            for name, value in batch.items()
        }
