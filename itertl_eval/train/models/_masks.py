"""Masks for attention: which models take one for every pair of tokens, and in what form."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def takes_pair_mask(causal: Any) -> bool:
    """Return whether a model's attention follows a mask [rows, 1, queries, keys] in all layers."""
    config = causal.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    windows = getattr(config, "sliding_window", None) is not None and (
        getattr(config, "use_sliding_window", True) or "sliding_attention" in kinds
    )
    implementation = getattr(config, "_attn_implementation", "")
    return kinds == {"full_attention"} and not windows and implementation in ("sdpa", "eager")


def pair_mask(mask: Tensor, causal: Any) -> Tensor:
    """Return a bool mask as the model's attention takes it: bool, or a number that is added."""
    if causal.config.get_text_config()._attn_implementation == "sdpa":
        return mask
    dtype = causal.dtype
    return torch.zeros_like(mask, dtype=dtype).masked_fill(~mask, torch.finfo(dtype).min)
