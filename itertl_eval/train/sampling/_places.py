"""A key/value cache in which the samples of a prompt share it, and rows come and go at any step.

Where rows are long, reading their keys and values is most of a step's time. So a prompt's are
kept once, and all its rows attend to them in one product; each row's own tokens are attended to
beside that. The two parts are merged by their sums of exponentials, which is exact.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad
from transformers import AttentionInterface, Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

from itertl_eval.train.sampling._forward import forward

GROWTH = 128
"""Tokens by which memory grows, at least."""
SEGMENT = 8
"""Rows that are read together on a CPU, up to the longest of them."""
_NAME = "itertl_eval_shared_prompts"
_CHANGES = ("position_bias", "s_aux", "sinks", "sliding_window", "softcap")
"""Arguments of attention functions that change the result."""
_Part = tuple[Tensor, Tensor, Tensor]
"""Sums of values weighted by exp(score - top), `top`, and sums of these weights."""
_updated = threading.local()
"""The layer whose keys a model is about to attend to."""


@dataclass(frozen=True)
class _Rows:
    """Where the rows and their prompts are.

    Attributes:
        members: int [prompts, most rows of a prompt]; empty places hold row 0.
        places: int [rows], the place of each row in the flattened `members`.
        bias: float [prompts, 1, 1, longest prompt], -inf after a prompt's end.
        starts: int [rows], tokens of each row's prompt.
    """

    members: Tensor
    places: Tensor
    bias: Tensor
    starts: Tensor


@dataclass(frozen=True)
class _Segment:
    """Rows that are read together. `bias` is float [rows, 1, 1, window], -inf after a row's end."""

    first: int
    last: int
    window: int
    bias: Tensor


class Places:
    """Rows that share the keys and values of their prompts; the oldest, and longest, come first."""

    def __init__(self, model: Any, size: int) -> None:
        self._model = model
        self._size = size
        self._layers: list[_Layer] = []
        self._prompts: list[int] = []
        """The length of each prompt that is kept."""
        self._of_row: list[int] = []
        """The prompt of each row."""
        self._lengths: list[int] = []
        """How many tokens of its own each row has."""
        self._rows: _Rows | None = None
        self._last: tuple[tuple[int, ...], int, Tensor] | None = None

    @property
    def free(self) -> int:
        return self._size - len(self._lengths)

    def add(self, prompts: Sequence[tuple[int, ...]]) -> Tensor:
        logits = []
        for prompt in prompts:
            number, after = self._prompt(prompt)
            self._of_row.append(number)
            self._lengths.append(0)
            logits.append(after)
        self._rows = None
        return torch.cat(logits)

    def _prompt(self, prompt: tuple[int, ...]) -> tuple[int, Tensor]:
        """Return the number of a prompt and the logits after it.

        Requests of one prompt follow each other, so only the last one is looked for.
        """
        if self._last is None or self._last[0] != prompt:
            cache = DynamicCache(config=self._model.config)
            ids = torch.tensor([prompt], device=self._model.device)
            logits = forward(self._model, cache, input_ids=ids)
            number = next(n for n in range(len(self._of_row) + 1) if n not in self._of_row)
            self._prompts[number : number + 1] = [len(prompt)]
            self._layers = self._layers or [_Layer(self._size, x) for x in cache.layers]
            for layer, filled in zip(self._layers, cache.layers, strict=True):
                layer.fill(number, filled)
            self._last = prompt, number, logits
        return self._last[1:]

    def step(self, tokens: Tensor) -> Tensor:
        if self._rows is None:
            self._rows = self._arrange(tokens.device)
        lengths = torch.tensor(self._lengths, device=tokens.device)
        segments = self._segments(lengths)
        for layer in self._layers:
            layer.prepare(self._rows, lengths, segments)
        self._lengths = [length + 1 for length in self._lengths]
        with _shared_attention(self._model):
            return forward(
                self._model,
                Cache(layers=list(self._layers)),
                input_ids=tokens[:, None],
                # The layers know what a row may see; a mask of this form is left alone.
                attention_mask=torch.ones_like(lengths, dtype=torch.bool)[:, None, None, None],
                position_ids=(self._rows.starts + lengths)[:, None],
            )

    def _segments(self, lengths: Tensor) -> list[_Segment]:
        size = SEGMENT if lengths.device.type == "cpu" else self._size
        found = []
        for first in range(0, len(self._lengths), size):
            own = self._lengths[first : first + size]
            window = max(own) + 1
            bias = self._bias(lengths[first : first + size] + 1, window)
            found.append(_Segment(first, first + len(own), window, bias))
        return found

    def _bias(self, lengths: Tensor, window: int) -> Tensor:
        hidden = torch.arange(window, device=lengths.device) >= lengths[:, None]
        dtype = torch.promote_types(self._model.dtype, torch.float32)
        bias = torch.zeros(hidden.shape, dtype=dtype, device=lengths.device)
        return bias.masked_fill_(hidden, -torch.inf)[:, None, None]

    def keep(self, rows: list[int]) -> None:
        for place, row in enumerate(rows):
            if place != row:
                for layer in self._layers:
                    layer.move(row, place, self._lengths[row])
        self._lengths = [self._lengths[row] for row in rows]
        self._of_row = [self._of_row[row] for row in rows]
        self._rows = None

    def _arrange(self, device: torch.device) -> _Rows:
        members: list[list[int]] = [[] for _ in range(max(self._of_row) + 1)]
        for row, number in enumerate(self._of_row):
            members[number].append(row)
        most = max(map(len, members))
        places = [n * most + members[n].index(row) for row, n in enumerate(self._of_row)]
        prompts = self._prompts[: len(members)]
        return _Rows(
            torch.tensor([rows + [0] * (most - len(rows)) for rows in members], device=device),
            torch.tensor(places, device=device),
            self._bias(torch.tensor(prompts, device=device), max(prompts)),
            torch.tensor([self._prompts[number] for number in self._of_row], device=device),
        )


class _Layer(DynamicLayer):
    """Keys and values of one layer: those of prompts and those of rows.

    `_shared` are [prompts, heads, width, capacity] and [prompts, heads, capacity, width], `_own`
    the same for rows. Keys lie as a product reads them.
    """

    def __init__(self, size: int, like: Any) -> None:
        super().__init__()
        key, value = like.keys, like.values
        self._shared = [
            key.new_empty(0, key.shape[1], key.shape[3], 0),
            value.new_empty(0, value.shape[1], 0, value.shape[3]),
        ]
        self._size = size
        self._own = [x.new_empty(size, *x.shape[1:]) for x in self._shared]
        self._rows: _Rows | None = None
        self._lengths = torch.empty(0)
        self._segments: list[_Segment] = []
        self._given: Tensor | None = None

    def fill(self, number: int, source: Any) -> None:
        """Keep the only row of a prompt's layer."""
        length = source.keys.shape[2]
        rows, tokens = self._shared[1].shape[::2]
        # In few large steps: each copies all, and leaves a hole too small for the next one.
        longer = max(length - tokens, GROWTH) if length > tokens else 0
        more = min(max(rows, 1), self._size - rows) if number >= rows else 0
        if longer or more:
            self._shared = _grown(self._shared, longer, more)
        self._shared[0][number, :, :, :length] = source.keys[0].transpose(1, 2)
        self._shared[1][number, :, :length] = source.values[0]

    def move(self, row: int, place: int, length: int) -> None:
        keys, values = self._own
        keys[place, :, :, :length] = keys[row, :, :, :length]
        values[place, :, :length] = values[row, :, :length]

    def prepare(self, rows: _Rows, lengths: Tensor, segments: list[_Segment]) -> None:
        """Set which rows take part, and how long they are before this step."""
        self._rows, self._lengths, self._segments = rows, lengths, segments
        more = max(segment.window for segment in segments) - self._own[1].shape[2]
        if more > 0:
            self._own = _grown(self._own, more + GROWTH, 0)

    def update(
        self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        row = torch.arange(len(self._lengths), device=self._lengths.device)
        self._own[0][row, :, :, self._lengths] = key_states[:, :, 0]
        self._own[1][row, :, self._lengths] = value_states[:, :, 0]
        keys, values = (own[: len(row)] for own in self._own)
        self._given, _updated.layer = keys, self
        return keys, values

    def attend(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return attention's result [rows, heads, width] for scaled queries of the same shape.

        Raises ValueError if these are not the keys that `update` has returned.
        """
        if keys is not self._given or self._rows is None:
            raise ValueError("the model changes the keys of its cache before attention")
        grouped = query.unflatten(1, (keys.shape[1], -1))
        shared, own = self._attend_prompts(grouped, self._rows), self._attend_own(grouped)
        top = torch.maximum(shared[1], own[1])
        share, rest = (shared[1] - top).exp(), (own[1] - top).exp()
        weighted = shared[0] * share + own[0] * rest
        total = shared[2] * share + own[2] * rest
        return (weighted / total).flatten(1, 2).to(query.dtype)

    def _attend_prompts(self, query: Tensor, rows: _Rows) -> _Part:
        count, _, _, longest = rows.bias.shape
        keys, values = self._shared[0][:count, ..., :longest], self._shared[1][:count, :, :longest]
        # [prompts, heads, rows of a prompt x queries of a head, width]
        gathered = query[rows.members].transpose(1, 2).flatten(2, 3)
        part = _attend(gathered, keys, values, rows.bias)
        back = [x.unflatten(2, (-1, query.shape[2])).transpose(1, 2).flatten(0, 1) for x in part]
        found, top, weights = (x[rows.places] for x in back)
        return found, top, weights

    def _attend_own(self, query: Tensor) -> _Part:
        parts = []
        for one in self._segments:
            keys, values = (own[one.first : one.last] for own in self._own)
            keys, values = keys[..., : one.window], values[:, :, : one.window]
            parts.append(_attend(query[one.first : one.last], keys, values, one.bias))
        own, top, weights = (torch.cat(each) for each in zip(*parts, strict=True))
        return own, top, weights


def _grown(kept: list[Tensor], tokens: int, rows: int) -> list[Tensor]:
    """Return keys and values with room for more.

    It holds zeros, because what attention does not see is still multiplied, by 0.
    """
    keys, values = kept
    room = 0, 0, 0, 0, 0, rows
    return [pad(keys, (0, tokens, *room)), pad(values, (0, 0, 0, tokens, *room[2:]))]


def _attend(query: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> _Part:
    scores = (query @ keys).to(bias.dtype).add_(bias)
    top = scores.amax(-1, keepdim=True)
    weights = scores.sub_(top).exp_()
    found = (weights.to(values.dtype) @ values).to(weights.dtype)
    return found, top, weights.sum(-1, keepdim=True)


def _attention(
    _: Any, query: Tensor, key: Tensor, *_others: Any, scaling: float | None = None, **options: Any
) -> tuple[Tensor, None]:
    """Attend to the prompts and the rows of a `_Layer`; transformers' form of an attention."""
    if any(options.get(name) is not None for name in _CHANGES):
        raise ValueError("an attention with a softcap, sinks, a window or a bias")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    layer: _Layer = _updated.layer
    return layer.attend(query[:, :, 0] * scale, key)[:, None], None


AttentionInterface.register(_NAME, _attention)


@contextlib.contextmanager
def _shared_attention(model: Any) -> Iterator[None]:
    """Have a model attend by the function above."""
    config = model.config.get_text_config()
    own = config._attn_implementation
    config._attn_implementation = _NAME
    try:
        yield
    finally:
        config._attn_implementation = own
