"""Choose tokens by inverse transform sampling: one uniform number per token."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from itertl_eval.train.sampling._forward import widened

BLOCK = 256
"""Tokens that are first looked at as one, so that few numbers are summed in float64."""
TOP = 1024
"""Most likely tokens that are sorted first; nucleus sampling rarely needs more."""
SLICE = 8
"""Rows that a CPU looks at together. What it computes of more would not stay in its caches."""


def choose(
    logits: Sequence[Tensor], uniform: Tensor, temperature: float, top_p: float
) -> tuple[Tensor, Tensor]:
    """Choose one token per row by inverse transform sampling.

    Args:
        logits: Parts of the rows in order, each float [rows of the part, vocabulary].
        uniform: float64 [rows], in [0, 1).
        temperature: 0 chooses the greatest logit.
        top_p: Below 1, only the smallest set of most likely tokens with this probability counts.

    Returns:
        The tokens, int [rows], and their log-probabilities at temperature 1, float [rows].
    """
    slices = [
        rows
        for part in logits
        for rows in part.split(SLICE if part.device.type == "cpu" else len(part))
    ]
    chosen = [
        _choose(widened(rows), numbers, temperature, top_p)
        for rows, numbers in zip(slices, uniform.split([len(rows) for rows in slices]), strict=True)
    ]
    tokens, logprobs = (torch.cat(each) for each in zip(*chosen, strict=True))
    return tokens, logprobs


def _choose(
    logits: Tensor, uniform: Tensor, temperature: float, top_p: float
) -> tuple[Tensor, Tensor]:
    if temperature == 0:
        token = logits.argmax(1)
    else:
        weights = (logits - logits.amax(1, keepdim=True)).div_(temperature).exp_()
        token = _pick(weights, uniform) if top_p >= 1 else _pick_likely(weights, uniform, top_p)
    return token, logits.gather(1, token[:, None])[:, 0] - logits.logsumexp(1)


def _pick_likely(weights: Tensor, uniform: Tensor, top_p: float) -> Tensor:
    limit = top_p * weights.sum(1, dtype=torch.float64)
    ordered, order = weights.topk(min(TOP, weights.shape[1]))
    if (ordered.sum(1, dtype=torch.float64) < limit).any():
        ordered, order = weights.sort(dim=1, descending=True)
    total = ordered.cumsum(1, dtype=torch.float64)
    ordered = ordered.masked_fill(total - ordered >= limit[:, None], 0.0)
    return order.gather(1, _pick(ordered, uniform)[:, None])[:, 0]


def _pick(weights: Tensor, uniform: Tensor) -> Tensor:
    """Return the first place of each row where the running sum exceeds `uniform` of the whole."""
    rows, size = weights.shape
    padded = torch.nn.functional.pad(weights, (0, -size % BLOCK)).view(rows, -1, BLOCK)
    sums = padded.sum(2, dtype=torch.float64).cumsum(1)
    wanted = _below(uniform * sums[:, -1], sums[:, -1])
    block = torch.searchsorted(sums, wanted[:, None], right=True)[:, 0]
    before = torch.where(
        block > 0, sums.gather(1, (block - 1).clamp(min=0)[:, None])[:, 0], torch.zeros_like(wanted)
    )
    within = padded[torch.arange(rows, device=block.device), block].cumsum(1, dtype=torch.float64)
    rest = _below(wanted - before, within[:, -1])
    return block * BLOCK + torch.searchsorted(within, rest[:, None], right=True)[:, 0]


def _below(values: Tensor, limit: Tensor) -> Tensor:
    """Return the values, kept below `limit` if rounding has lifted them to it.

    Otherwise the search would end after the last token, or at one with probability 0.
    """
    return torch.minimum(values, torch.nextafter(limit, torch.zeros_like(limit)))
