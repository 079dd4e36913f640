"""DPO through TRL on the same graded samples: `objective: dpo`.

Every answer that is worse than its group's best by more than `gap` is the rejected side of one
pair, the best the chosen one. TRL's DPOTrainer computes the loss; it is handed the sampled
token ids, so that nothing is tokenised a second time, and the pairs in the order of our plan.
The reference policy is the model that the fit starts from.
"""

from __future__ import annotations

from typing import Any

from datasets import Dataset
from torch.utils.data import Sampler, SequentialSampler
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from itertl_eval.train.config import ObjectiveArguments
from itertl_eval.train.fitting._groups import Group
from itertl_eval.train.models import Encoder


def as_columns(pair: Group) -> dict[str, list[int]]:
    """A pair under the names that TRL gives to tokenised data."""
    chosen, rejected = pair.candidates
    return {"prompt_ids": pair.prompt, "chosen_ids": chosen.ids, "rejected_ids": rejected.ids}


def settings(objective: ObjectiveArguments) -> tuple[type[DPOConfig], dict[str, Any]]:
    """TRL's class of arguments, and what it needs beside those of transformers."""
    weights = {"sigmoid": 1.0, "sft": objective.dpo_likelihood}
    return DPOConfig, {
        "beta": objective.dpo_beta,
        "loss_type": [name for name, weight in weights.items() if weight],
        "loss_weights": [weight for weight in weights.values() if weight],
        "max_length": None,
        "gradient_checkpointing": False,  # on by default there
    }


class PreferenceTrainer(DPOTrainer):
    """TRL's trainer over ready-made token ids, in the order in which the data set gives them."""

    @classmethod
    def of(
        cls, model: Any, config: Any, rows: Any, encoder: Encoder, callbacks: list[TrainerCallback]
    ) -> PreferenceTrainer:
        """A trainer whose `rows` are pairs."""
        return cls(
            model=model,
            args=config,
            train_dataset=Dataset.from_list([as_columns(rows[at]) for at in range(len(rows))]),
            processing_class=encoder.tokenizer,
            data_collator=DataCollatorForPreference(pad_token_id=encoder.pad_id),
            callbacks=callbacks,
        )

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def _get_train_sampler(self, *_: Any) -> Sampler:
        assert self.train_dataset is not None
        return SequentialSampler(self.train_dataset)  # type: ignore[arg-type]

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """The run writes its own."""

    def train(self, *args: Any, **kwargs: Any) -> Any:
        result = super().train(*args, **kwargs)
        model: Any = self.accelerator.unwrap_model(self.model)
        if "ref" in getattr(model, "peft_config", {}):
            # TRL's copy of the adapter, the reference policy: it is no part of the result.
            model.delete_adapter("ref")
        return result
