"""The sampler that only needs transformers: one sequence of random numbers per sample.

Each sample's tokens are sampled with its own sequence of uniform numbers (inverse transform
sampling), so a sample depends on its seed and not on what is sampled beside it. A sample that has
ended leaves at once, and the next request takes its place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from itertl_eval._util.progress import say_once
from itertl_eval.train.models import Encoder
from itertl_eval.train.sampling._caches import PaddedBatch, RowCache, takes_places
from itertl_eval.train.sampling._choose import choose
from itertl_eval.train.sampling._forward import positions
from itertl_eval.train.sampling._places import Places
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
TAIL = 12
"""The word endmodule has fewer tokens than this."""


@dataclass
class _Row:
    """A completion that grows."""

    request: Request
    uniform: list[float]
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    closed: int = 0
    """How many tokens it had at its endmodule; 0 before."""


class TransformersSampler:
    """Samples from a causal language model in this process."""

    def __init__(self, model: Any, encoder: Encoder, settings: SamplingParams) -> None:
        self.model = model.eval()
        self.encoder = encoder
        self.settings = settings
        self._closing = _tokens_with(encoder, "e").to(model.device)
        self._shares = takes_places(model)
        if not self._shares:
            say_once(
                f"{type(model).__name__}: its attention can't share the keys of a prompt, "
                "so each sample computes its prompt and waits for the others of its batch"
            )

    def close(self) -> None:
        del self.model

    def _cache(self, requests: int) -> RowCache:
        size = min(self.settings.batch, requests)
        if self._shares:
            return Places(self.model, size)
        return PaddedBatch(self.model, size, self.encoder.pad_id)

    @torch.inference_mode()
    def sample(self, requests: Sequence[Request]) -> Iterator[list[Sample]]:
        """Sample all requests, and yield samples a few at a time as they end.

        So grading need not wait for the longest one.
        """
        cache = self._cache(len(requests))
        # Samples of a prompt follow each other, and prompts of similar length.
        waiting = deque(sorted(requests, key=lambda r: (len(r.ids), r.problem_id, r.number)))
        rows: list[_Row] = []
        tokens = torch.empty(0, dtype=torch.long, device=self.model.device)
        ready: list[Sample] = []
        while waiting or rows:
            logits = [cache.step(tokens)] if rows else []
            fresh = [waiting.popleft() for _ in range(min(cache.free, len(waiting)))]
            if fresh:
                logits.append(cache.add([request.ids for request in fresh]))
                rows += [_Row(request, self._uniform(request)) for request in fresh]
            tokens, going = self._extend(rows, logits, ready)
            if len(going) < len(rows):
                cache.keep(going)
                rows = [rows[at] for at in going]
                tokens = tokens[torch.tensor(going, dtype=torch.long, device=tokens.device)]
            if len(ready) >= FEW or not (waiting or rows):
                yield ready
                ready = []

    @torch.inference_mode()
    def logprob(self, prompt: Sequence[int], ids: Sequence[int]) -> float:
        """Return the mean log-probability of a completion's tokens, in nats per token."""
        whole = torch.tensor([[*prompt, *ids]], device=self.model.device)
        keep = positions(whole, len(ids) + 1)
        logits = self.model(input_ids=whole, logits_to_keep=keep).logits[0, :-1].float()
        tokens = whole[0, len(prompt) :, None]
        return float((logits.gather(1, tokens)[:, 0] - logits.logsumexp(1)).mean())

    def _uniform(self, request: Request) -> list[float]:
        source = torch.Generator().manual_seed(request.seed)
        count = self.settings.max_new_tokens
        numbers: list[float] = torch.rand(count, generator=source, dtype=torch.float64).tolist()
        return numbers

    def _extend(
        self, rows: Sequence[_Row], logits: Sequence[Tensor], ready: list[Sample]
    ) -> tuple[Tensor, list[int]]:
        """Sample a token for each row; append what has ended to `ready`.

        Returns:
            The tokens, and the numbers of the rows that have not ended.
        """
        settings = self.settings
        uniform = [row.uniform[len(row.tokens)] for row in rows]
        token, chance = choose(
            logits,
            torch.tensor(uniform, dtype=torch.float64, device=self.model.device),
            settings.temperature,
            settings.top_p,
        )
        values = token.tolist(), chance.tolist(), self._closing[token].tolist()
        going = []
        for at, (row, value, log, may_close) in enumerate(zip(rows, *values, strict=True)):
            finish = self._grow(row, value, log, may_close)
            if finish is None:
                going.append(at)
            else:
                ready.append(self._sample(row, finish, value if finish == "eos" else None))
        return token, going

    def _grow(self, row: _Row, token: int, log: float, may_close: bool) -> Finish | None:
        """Add a token to a row, or return what has ended it."""
        if token in self.encoder.stop_ids:
            row.logprobs.append(log)
            return "eos"
        if row.closed and not may_follow_end(
            self.encoder.text([token]), len(row.tokens) - row.closed
        ):
            return "endmodule"
        row.logprobs.append(log)
        row.tokens.append(token)
        if row.request.stop and not row.closed and may_close and self._ended(row.tokens):
            row.closed = len(row.tokens)
        return "length" if len(row.tokens) == self.settings.max_new_tokens else None

    def _ended(self, ids: list[int]) -> bool:
        # The word spans a few tokens; the whole text is decoded only when it seems complete.
        return "endmodule" in self.encoder.text(ids[-TAIL:]) and ends_module(self.encoder.text(ids))

    def _sample(self, row: _Row, finish: Finish, end: int | None) -> Sample:
        return Sample(
            problem_id=row.request.problem_id,
            number=row.request.number,
            text=self.encoder.text(row.tokens),
            ids=row.tokens,
            logprob=sum(row.logprobs) / max(1, len(row.logprobs)),
            finish=finish,
            end=end,
            logprobs=row.logprobs,
        )


def _tokens_with(encoder: Encoder, letter: str) -> Tensor:
    """Return bool [vocabulary]: the tokens whose text contains `letter`."""
    size = len(encoder.tokenizer)
    pieces = encoder.tokenizer.convert_ids_to_tokens(list(range(size)))
    return torch.tensor([letter in str(piece) for piece in pieces] + [True] * 4096)
