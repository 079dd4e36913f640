"""Key/value caches for rows that begin and end at different times.

`Places` computes a prompt once for all its samples and takes new rows at any step (_places.py).
`PaddedBatch` works with every model: it computes each row's prompt, and takes new rows when all
have ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import DynamicCache

from itertl_eval.train.models import takes_pair_mask
from itertl_eval.train.sampling._forward import forward, widened
from itertl_eval.train.sampling._places import Places

TOLERANCE = 1e-3


class RowCache(Protocol):
    """Rows that a model continues. Logits are [rows, vocabulary], in the model's number format."""

    @property
    def free(self) -> int:
        """How many rows may be added now."""
        ...

    def add(self, prompts: Sequence[tuple[int, ...]]) -> Tensor:
        """Add rows at the end, and return the logits after their prompts."""
        ...

    def step(self, tokens: Tensor) -> Tensor:
        """Add a token [rows] to each row, and return the logits after it."""
        ...

    def keep(self, rows: list[int]) -> None:
        """Drop all rows but these, which keep their order."""
        ...


class PaddedBatch:
    """A batch whose prompts are padded on the left and computed row by row."""

    def __init__(self, model: Any, size: int, pad_id: int) -> None:
        self._model = model
        self._size = size
        self._pad_id = pad_id
        self._cache = DynamicCache(config=model.config)
        self._mask = torch.zeros((0, 0), dtype=torch.long, device=model.device)

    @property
    def free(self) -> int:
        return 0 if len(self._mask) else self._size

    def add(self, prompts: Sequence[tuple[int, ...]]) -> Tensor:
        longest = max(map(len, prompts))
        ids = torch.full((len(prompts), longest), self._pad_id)
        mask = torch.zeros((len(prompts), longest), dtype=torch.long)
        for row, prompt in enumerate(prompts):
            ids[row, longest - len(prompt) :] = torch.tensor(prompt)
            mask[row, longest - len(prompt) :] = 1
        self._cache = DynamicCache(config=self._model.config)
        self._mask = mask.to(self._model.device)
        return self._next(ids.to(self._model.device))

    def step(self, tokens: Tensor) -> Tensor:
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(tokens), 1)], dim=1)
        return self._next(tokens[:, None])

    def _next(self, ids: Tensor) -> Tensor:
        positions = (self._mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        return forward(
            self._model,
            self._cache,
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
        )

    def keep(self, rows: list[int]) -> None:
        index = torch.tensor(rows, dtype=torch.long, device=self._mask.device)
        self._cache.batch_select_indices(index)
        self._mask = self._mask[index]


@torch.inference_mode()
def takes_places(model: Any) -> bool:
    """Return whether `Places` leaves a model's log-probabilities as they are.

    They may differ by rounding. In 16 bits that is up to half a nat for tokens that are unlikely,
    so there the distributions are compared, with what the loss of one token of the prompt would
    do to them as the measure.
    """
    if not takes_pair_mask(model):
        return False
    prompts: list[tuple[int, ...]] = [(1, 2, 3), (1, 2, 3), (1, 2)]
    try:
        places = Places(model, len(prompts))
        places.add(prompts)
        found = places.step(torch.tensor([0] * len(prompts), device=model.device))
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):
        return False  # no position_ids, another kind of attention or of cache
    for row, prompt in zip(widened(found).log_softmax(-1), prompts, strict=True):
        due, short = (_after(model, (*tokens, 0)) for tokens in (prompt, prompt[1:]))
        if (row - due).abs().max() < TOLERANCE:
            continue
        if model.dtype.itemsize > 2 or not _divergence(due, row) < _divergence(due, short) / 10:
            return False
    return True


def _after(model: Any, ids: tuple[int, ...]) -> Tensor:
    """Return the log-probabilities of each token after `ids`, by a plain forward pass."""
    inputs = torch.tensor([ids], device=model.device)
    logits = forward(model, DynamicCache(config=model.config), input_ids=inputs)[0]
    return widened(logits).log_softmax(-1)


def _divergence(due: Tensor, other: Tensor) -> float:
    """Return the KL divergence of two distributions given as log-probabilities, in nats."""
    return float((due.exp() * (due - other)).sum())
