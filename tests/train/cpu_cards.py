"""`python -m itertl_eval.train` whose CPU ranks accelerate takes for cards: `cpu_cards.py FLAGS...`

accelerate shards nothing over CPU ranks (it falls back to DDP there) although FSDP2 and
DeepSpeed can. Telling it otherwise in these two places lets the shipped configurations be tried
without a GPU; torch, accelerate, DeepSpeed and the trainer then do what they do on cards.
"""

from __future__ import annotations

import sys
from typing import Any

import transformers
from accelerate.state import DistributedType, PartialState

from itertl_eval.train.__main__ import main

_arguments = transformers.TrainingArguments.__init__
_step = transformers.Trainer.training_step
_told = False


def _not_use_cpu(self: Any, *args: Any, **fields: Any) -> None:
    _arguments(self, *args, **{**fields, "use_cpu": False})


def _telling_step(self: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
    """Say on standard output what wraps the model and how much of it this rank holds."""
    global _told
    if not _told:
        _told = True
        local = [getattr(p, "to_local", lambda p=p: p)().numel() for p in model.parameters()]
        print(f"engine {type(model).__name__} holds {sum(local)}", flush=True)
    return _step(self, model, *args, **kwargs)


def install() -> None:
    """Make accelerate take CPU ranks for GPUs."""
    PartialState._prepare_backend = lambda *_, **__: ("gloo", DistributedType.MULTI_GPU)
    transformers.TrainingArguments.__init__ = _not_use_cpu


if __name__ == "__main__":
    install()
    transformers.Trainer.training_step = _telling_step
    sys.exit(main())
