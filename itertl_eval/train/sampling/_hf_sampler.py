"""The sampler that only needs transformers: batched, left-padded, one seed per row.

Each row samples its tokens with its own sequence of uniform numbers (inverse transform
sampling), so a sample depends on its seed and not on its place in a batch. Rows that have ended
leave the batch at once, together with their part of the key/value cache.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling._protocol import (
    Finish,
    Request,
    Sample,
    SamplingParams,
    ends_module,
    may_follow_end,
)

FEW = 16
"""Ended samples are yielded in groups of this size."""


class TransformersSampler:
    """Samples from a causal language model in this process."""

    def __init__(self, model: Any, encoder: Encoder, settings: SamplingParams) -> None:
        self.model = model.eval()
        self.encoder = encoder
        self.settings = settings
        self._closing = _tokens_with(encoder, "e").to(model.device)
        # transformers 5.24 renamed it; 5.40 no longer accepts the old name.
        known = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"

    def close(self) -> None:
        del self.model

    def batches(self, requests: Sequence[Request]) -> list[Sequence[Request]]:
        """Return the fixed batches of the requests, prompts of similar length together."""
        ordered = sorted(requests, key=lambda r: (len(r.ids), r.problem_id, r.number))
        size = self.settings.batch
        return [ordered[start : start + size] for start in range(0, len(ordered), size)]

    def sample(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        for batch in self.batches(requests):
            yield from self.sample_batch(batch)

    @torch.inference_mode()
    def sample_batch(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        """Generate one batch, and yield samples a few at a time as they end.

        So grading need not wait for the longest one.
        """
        settings, device = self.settings, self.model.device
        ids, mask = self._padded([request.ids for request in requests])
        uniform = torch.stack(
            [
                torch.rand(
                    settings.max_new_tokens,
                    generator=torch.Generator().manual_seed(request.seed),
                    dtype=torch.float64,
                )
                for request in requests
            ]
        ).to(device)
        rows = list(range(len(requests)))
        tokens: list[list[int]] = [[] for _ in rows]
        sums = [0.0] * len(rows)
        finish: list[Finish] = ["length"] * len(rows)
        ends: list[int | None] = [None] * len(rows)
        ended = [0] * len(rows)  # where endmodule was, in tokens
        stops = self.encoder.stop_ids
        cache = DynamicCache(config=self.model.config)
        ready: list[Sample] = []

        def sample(row: int) -> Sample:
            return Sample(
                problem_id=requests[row].problem_id,
                number=requests[row].number,
                text=self.encoder.text(tokens[row]),
                ids=tokens[row],
                logprob=sums[row] / max(1, len(tokens[row]) + (finish[row] == "eos")),
                finish=finish[row],
                end=ends[row],
            )

        for step in range(settings.max_new_tokens):
            logits = self._forward(ids, mask, cache)
            token = choose(logits, uniform[:, step], settings.temperature, settings.top_p)
            chance = logits.gather(1, token[:, None])[:, 0] - logits.logsumexp(1)
            may_close = self._closing[token].tolist()
            keep = []
            for at, (row, value, log) in enumerate(
                zip(rows, token.tolist(), chance.tolist(), strict=True)
            ):
                if value in stops:
                    sums[row] += log
                    finish[row] = "eos"
                    ends[row] = value
                    ready.append(sample(row))
                    continue
                if ended[row] and not may_follow_end(
                    self.encoder.text([value]), len(tokens[row]) - ended[row]
                ):
                    finish[row] = "endmodule"
                    ready.append(sample(row))
                    continue
                sums[row] += log
                tokens[row].append(value)
                if requests[row].stop and not ended[row] and may_close[at]:
                    ended[row] = len(tokens[row]) if self._ended(tokens[row]) else 0
                keep.append(at)
            if not keep:
                rows = []
                break
            if len(ready) >= FEW:
                yield ready
                ready = []
            ids = token[:, None]
            mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
            if len(keep) < len(rows):
                index = torch.tensor(keep, device=device)
                cache.batch_select_indices(index)
                ids, mask, uniform = ids[index], mask[index], uniform[index]
                rows = [rows[at] for at in keep]
        yield [*ready, *map(sample, rows)]

    def _ended(self, ids: list[int]) -> bool:
        # The word spans a few tokens; the whole text is decoded only when it seems complete.
        return "endmodule" in self.encoder.text(ids[-12:]) and ends_module(self.encoder.text(ids))

    def _forward(self, ids: Tensor, mask: Tensor, cache: DynamicCache) -> Tensor:
        """Return the logits of the next token, [rows, vocabulary], in float32 or wider."""
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        logits = self.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            use_cache=True,
            logits_to_keep=1,
            **{self._cache_name: cache},
        ).logits[:, -1]
        exact: torch.Tensor = logits if logits.dtype == torch.float64 else logits.float()
        return exact

    def _padded(self, prompts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        longest = max(len(prompt) for prompt in prompts)
        ids = torch.full((len(prompts), longest), self.encoder.pad_id)
        mask = torch.zeros((len(prompts), longest), dtype=torch.long)
        for row, prompt in enumerate(prompts):
            ids[row, longest - len(prompt) :] = torch.tensor(prompt)
            mask[row, longest - len(prompt) :] = 1
        return ids.to(self.model.device), mask.to(self.model.device)


def choose(logits: Tensor, uniform: Tensor, temperature: float, top_p: float) -> Tensor:
    """Choose one token per row by inverse transform sampling.

    Args:
        logits: float [rows, vocabulary].
        uniform: float [rows], in [0, 1).
        temperature: 0 chooses the greatest logit.
        top_p: Below 1, only the smallest set of most likely tokens with this probability counts.

    Returns:
        int [rows].
    """
    if temperature == 0:
        return logits.argmax(1)
    chances = (logits / temperature).softmax(1, dtype=torch.float64)
    if top_p >= 1:
        total = chances.cumsum(1)
        return _pick(total, uniform)
    ordered, order = chances.sort(dim=1, descending=True)
    total = ordered.cumsum(1)
    ordered = ordered.masked_fill(total - ordered >= top_p, 0.0)
    return order.gather(1, _pick(ordered.cumsum(1), uniform)[:, None])[:, 0]


def _pick(total: Tensor, uniform: Tensor) -> Tensor:
    wanted = uniform[:, None] * total[:, -1:]
    found = torch.searchsorted(total, wanted, right=True)[:, 0]
    return found.clamp(max=total.shape[1] - 1)


def _tokens_with(encoder: Encoder, letter: str) -> Tensor:
    """Return bool [vocabulary]: the tokens whose text contains `letter`."""
    size = len(encoder.tokenizer)
    pieces = encoder.tokenizer.convert_ids_to_tokens(list(range(size)))
    return torch.tensor([letter in str(piece) for piece in pieces] + [True] * 4096)
