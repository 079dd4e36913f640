"""Train two updates with split gradients over groups of different sizes: a rank of test_engines.

`split_ranks.py MODEL OUTPUT`, alone or under accelerate.
"""

from __future__ import annotations

import sys
from functools import partial

from transformers import TrainingArguments

from itertl_eval.train.fitting._fit import GroupOrder
from itertl_eval.train.fitting._group_trainer import GroupTrainer
from itertl_eval.train.fitting._groups import Candidate, Group, collate
from itertl_eval.train.fitting._objectives import make_objective
from itertl_eval.train.models import checkpoints
from itertl_eval.train.run import ranks
from tests.train import cpu_cards

SIZES = (1, 5, 2, 3)


def groups() -> list[Group]:
    """Return groups whose sizes differ between the ranks in both updates."""
    return [
        Group(
            f"t{n}",
            [5, 6 + n],
            [Candidate([20 * n + k + 2] * (k + 2), k / size) for k in range(1, size + 1)],
        )
        for n, size in enumerate(SIZES)
    ]


def main(model: str, output: str) -> None:
    """Train and save."""
    world = ranks.world()
    if world > 1:
        cpu_cards.install()
    trainer = GroupTrainer(
        model=checkpoints.load(model),
        args=TrainingArguments(
            output_dir=output,
            per_device_train_batch_size=2 // world,
            max_steps=2,
            use_cpu=True,
            learning_rate=1e-3,
            remove_unused_columns=False,
            dataloader_pin_memory=False,
            average_tokens_across_devices=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            adam_epsilon=1e-3,
        ),
        train_dataset=GroupOrder(groups(), len(SIZES), seed=0),
        data_collator=partial(collate, pad_id=1),
        objective=make_objective("clean"),
        split_rows=1,
    )
    trainer.train()
    trainer.save_model(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
