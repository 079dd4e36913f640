"""Key/value caches for rows that begin and end at different times.

`Places` computes a prompt once for all its samples and takes new rows at any step. `PaddedBatch`
works with every model: it computes each row's prompt, and takes new rows when all have ended.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

from itertl_eval.train.models import pair_mask, takes_pair_mask

GROWTH = 128
"""Tokens by which the memory of all rows grows."""
TOLERANCE = 1e-3


class RowCache(Protocol):
    """Rows that a model continues. Logits are [rows, vocabulary], in float32 or wider."""

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

    def keep(self, rows: list[int]) -> list[int]:
        """Drop all other rows, and return the kept ones in their new order."""
        ...


class Places:
    """A cache with a place for each row; its first `count` places are in use."""

    def __init__(self, model: Any, size: int) -> None:
        self._model = model
        self._size = size
        self._layers: list[_PlacesLayer] = []
        self._lengths: list[int] = []
        self._last: tuple[tuple[int, ...], DynamicCache, Tensor] | None = None

    @property
    def free(self) -> int:
        return self._size - len(self._lengths)

    def add(self, prompts: Sequence[tuple[int, ...]]) -> Tensor:
        logits = []
        for prompt in prompts:
            cache, last = self._prompt(prompt)
            self._layers = self._layers or [_PlacesLayer(self._size) for _ in cache.layers]
            for layer, filled in zip(self._layers, cache.layers, strict=True):
                layer.fill(len(self._lengths), filled)
            self._lengths.append(len(prompt))
            logits.append(last)
        return torch.cat(logits)

    def _prompt(self, prompt: tuple[int, ...]) -> tuple[DynamicCache, Tensor]:
        """Return the cache and logits of a prompt; samples of one prompt follow each other."""
        if self._last is None or self._last[0] != prompt:
            cache = DynamicCache(config=self._model.config)
            ids = torch.tensor([prompt], device=self._model.device)
            self._last = prompt, cache, _forward(self._model, cache, input_ids=ids)
        return self._last[1:]

    def step(self, tokens: Tensor) -> Tensor:
        lengths = torch.tensor(self._lengths, device=tokens.device)
        window = max(self._lengths) + 1
        for layer in self._layers:
            layer.prepare(lengths, window)
        seen = torch.arange(window, device=tokens.device) <= lengths[:, None]
        self._lengths = [length + 1 for length in self._lengths]
        return _forward(
            self._model,
            Cache(layers=list(self._layers)),
            input_ids=tokens[:, None],
            attention_mask=pair_mask(seen[:, None, None], self._model),
            position_ids=lengths[:, None],
        )

    def keep(self, rows: list[int]) -> list[int]:
        # The last rows move to the places of those that have ended.
        count = len(rows)
        moved = [row for row in rows if row >= count]
        order = [row if row in set(rows) else moved.pop() for row in range(count)]
        for place, row in enumerate(order):
            if place != row:
                for layer in self._layers:
                    layer.move(row, place, self._lengths[row])
        self._lengths = [self._lengths[row] for row in order]
        return order


class _PlacesLayer(DynamicLayer):
    """Keys and values of one layer, [places, heads, capacity, width] each."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._kept: list[Tensor] = []
        self._rows = self._lengths = torch.empty(0)
        self._window = 0

    def prepare(self, lengths: Tensor, window: int) -> None:
        """Set where `update` writes, and how many columns it returns."""
        self._rows = torch.arange(len(lengths), device=lengths.device)
        self._lengths, self._window = lengths, window
        self._reserve(window)

    def update(
        self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        for kept, new in zip(self._kept, (key_states, value_states), strict=True):
            kept[self._rows, :, self._lengths] = new[:, :, 0]
        keys, values = (kept[: len(self._rows), :, : self._window] for kept in self._kept)
        return keys, values

    def fill(self, place: int, source: Any) -> None:
        """Copy the only row of a prompt's layer to `place`."""
        filled = [source.keys, source.values]
        if not self._kept:
            self._kept = [x.new_empty(self._size, x.shape[1], 0, x.shape[3]) for x in filled]
        length = filled[0].shape[2]
        self._reserve(length)
        for kept, new in zip(self._kept, filled, strict=True):
            kept[place, :, :length] = new[0]

    def move(self, row: int, place: int, length: int) -> None:
        for kept in self._kept:
            kept[place, :, :length] = kept[row, :, :length]

    def _reserve(self, length: int) -> None:
        more = length - self._kept[0].shape[2]
        if more > 0:
            # Zeros, because what attention does not see is still multiplied, by 0.
            self._kept = [pad(kept, (0, 0, 0, more + GROWTH)) for kept in self._kept]


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
        return _forward(
            self._model,
            self._cache,
            input_ids=ids,
            attention_mask=self._mask,
            position_ids=positions,
        )

    def keep(self, rows: list[int]) -> list[int]:
        index = torch.tensor(rows, dtype=torch.long, device=self._mask.device)
        self._cache.batch_select_indices(index)
        self._mask = self._mask[index]
        return rows


@torch.inference_mode()
def takes_places(model: Any) -> bool:
    """Return whether `Places` leaves a model's log-probabilities as they are."""
    if not takes_pair_mask(model):
        return False
    prompts: list[tuple[int, ...]] = [(1, 2, 3), (1, 2)]
    try:
        places = Places(model, 2)
        places.add(prompts)
        found = places.step(torch.tensor([0, 0], device=model.device))
    except (AttributeError, IndexError, RuntimeError, TypeError, ValueError):
        return False  # no position_ids, no mask of this shape, or another kind of cache
    worst = 0.0
    for row, prompt in zip(found, prompts, strict=True):
        ids = torch.tensor([[*prompt, 0]], device=model.device)
        due = _forward(model, DynamicCache(config=model.config), input_ids=ids)[0]
        worst = max(worst, float((row.log_softmax(0) - due.log_softmax(0)).abs().max()))
    return worst < max(TOLERANCE, 16 * torch.finfo(model.dtype).eps)


def _forward(model: Any, cache: Cache, **inputs: Tensor) -> Tensor:
    # transformers 5.24 renamed the argument; 5.40 no longer accepts the old name.
    known = inspect.signature(model.forward).parameters
    name = "cache" if "cache" in known else "past_key_values"
    output = model(**inputs, **{name: cache}, use_cache=True, logits_to_keep=1)
    logits: Tensor = output.logits[:, -1]
    return logits if logits.dtype == torch.float64 else logits.float()
