"""Load, save and merge checkpoints; encode prompts and completions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.models import checkpoints
    from itertl_eval.train.models._encoder import Encoder
    from itertl_eval.train.models._masks import pair_mask, takes_pair_mask
    from itertl_eval.train.models.checkpoints import Checkpoint, load_tokenizer

__all__ = [
    "Checkpoint",
    "Encoder",
    "checkpoints",
    "load_tokenizer",
    "pair_mask",
    "takes_pair_mask",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_encoder": ["Encoder"],
            "_masks": ["pair_mask", "takes_pair_mask"],
            "checkpoints": ["Checkpoint", "load_tokenizer"],
        },
    )
