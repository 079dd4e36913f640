"""One step of a model with a cache, whatever the version of transformers calls it."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor
from transformers import Cache


def forward(model: Any, cache: Cache, **inputs: Tensor) -> Tensor:
    """Return the last logits [rows, vocabulary], in the model's own number format."""
    # transformers 5.24 renamed the argument; 5.40 no longer accepts the old name.
    known = inspect.signature(model.forward).parameters
    name = "cache" if "cache" in known else "past_key_values"
    last = positions(inputs["input_ids"], 1)
    output = model(**inputs, **{name: cache}, use_cache=True, logits_to_keep=last)
    logits: Tensor = output.logits[:, -1]
    return logits


def widened(logits: Tensor) -> Tensor:
    """Return logits in float32 or wider."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def positions(ids: Tensor, count: int) -> Tensor:
    """Return the last `count` positions of `ids` [rows, length], for `logits_to_keep`.

    Given a number, models take a slice. A product of such a view makes torch copy the whole head
    (in bfloat16 on a CPU seconds per prompt); indices make a copy of the few hidden states.
    """
    length = ids.shape[1]
    return torch.arange(length - count, length, device=ids.device)
