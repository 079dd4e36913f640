"""Log-probabilities of response tokens without the logits of everything else.

A causal model's own forward makes [rows, length, vocabulary] logits, prompt and padding
included. Here the backbone runs as usual; the output head sees only the positions that predict
a response token, a chunk at a time, and its logits are made again in the backward pass.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

TOLERANCE = 1e-3


def response_mask(attention: Tensor, starts: Tensor, lengths: Tensor) -> Tensor:
    """bool [rows, length]: the response tokens of each row. From lengths, never from a pad id."""
    at = torch.arange(attention.shape[1], device=attention.device)[None, :]
    return (at >= starts[:, None]) & (at < (starts + lengths)[:, None])


def token_logprobs(
    head: Callable[[Tensor], Tensor], hidden: Tensor, targets: Tensor, chunk: int
) -> Tensor:
    """Log-probability in nats of each target [T] given hidden states [T, H], in float32 or wider.

    `chunk` tokens go through the head at once and their logits are not kept; 0: all, kept.
    """
    if chunk <= 0:
        return _chunk(head, hidden, targets)
    parts = []
    for start in range(0, len(targets), chunk):
        piece = hidden[start : start + chunk], targets[start : start + chunk]
        if torch.is_grad_enabled():
            parts.append(checkpoint(_chunk, head, *piece, use_reentrant=False))
        else:
            parts.append(_chunk(head, *piece))
    return torch.cat(parts) if parts else hidden.new_zeros(0)


def _chunk(head: Callable[[Tensor], Tensor], hidden: Tensor, targets: Tensor) -> Tensor:
    logits = head(hidden)
    logits = logits if logits.dtype == torch.float64 else logits.float()
    return logits.gather(1, targets[:, None])[:, 0] - logits.logsumexp(1)


def row_means(values: Tensor, rows: Tensor, lengths: Tensor) -> Tensor:
    """Mean over each row's tokens: values [T] and their row numbers [T] to means [rows]."""
    total = values.new_zeros(len(lengths)).index_add(0, rows, values)
    return total / lengths.clamp(min=1)


def install(model: Any, chunk: int) -> None:
    """Replace a causal model's forward by one that returns {"tokens": [T], "rows": [T]}.

    It goes in below any wrapper (adapter, DDP, FSDP), so their hooks run as ever. `tokens` are
    the log-probabilities of all response tokens, row after row. Checked once against the
    model's own logits; raises ValueError for an architecture whose head does more than a
    matrix product and the scalings known here.
    """
    causal = _causal(model)
    backbone = getattr(causal, causal.base_model_prefix)
    head = _head(causal)
    _check(causal, backbone, head)

    def forward(
        self: Any,
        input_ids: Tensor,
        attention_mask: Tensor,
        starts: Tensor,
        lengths: Tensor,
        **_: Any,
    ) -> dict[str, Tensor]:
        del self
        hidden = backbone(
            input_ids=input_ids, attention_mask=attention_mask, use_cache=False
        ).last_hidden_state
        mask = response_mask(attention_mask, starts, lengths)[:, 1:]
        tokens = token_logprobs(head, hidden[:, :-1][mask], input_ids[:, 1:][mask], chunk)
        return {"tokens": tokens, "rows": mask.nonzero()[:, 0]}

    causal._own_forward = causal.forward
    causal.forward = types.MethodType(forward, causal)


def remove(model: Any) -> None:
    """Give the model its own forward back."""
    causal = _causal(model)
    if "_own_forward" in vars(causal):
        causal.forward = causal._own_forward
        del causal._own_forward


def _causal(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _head(causal: Any) -> Callable[[Tensor], Tensor]:
    """The output head with the scalings that some architectures put behind it."""
    config = causal.config
    cap = getattr(config, "final_logit_softcapping", None)
    scale = getattr(config, "logit_scale", 1.0) / getattr(config, "logits_scaling", 1.0)

    def head(hidden: Tensor) -> Tensor:
        logits = causal.get_output_embeddings()(hidden)
        if scale != 1.0:
            logits = logits * scale
        return torch.tanh(logits / cap) * cap if cap else logits

    return head


@torch.no_grad()
def _check(causal: Any, backbone: Any, head: Callable[[Tensor], Tensor]) -> None:
    training = causal.training
    causal.eval()
    device = causal.get_input_embeddings().weight.device
    if device.type == "meta":  # sharded before it was loaded: nothing to compare yet
        return
    ids = torch.arange(1, 9, device=device)[None] % causal.config.vocab_size
    mine = head(backbone(input_ids=ids, use_cache=False).last_hidden_state).log_softmax(-1)
    own = causal(input_ids=ids, use_cache=False).logits.log_softmax(-1)
    causal.train(training)
    worst = (mine - own).abs().max().item()
    if not worst < TOLERANCE:
        raise ValueError(
            f"{type(causal).__name__}: the chunked head differs from the model's own by {worst:.2g}"
        )
