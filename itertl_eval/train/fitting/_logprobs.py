"""Log-probabilities of completion tokens without the logits of everything else.

A causal model's own forward computes logits for [rows, length, vocabulary], including prompt and
padding. Here the backbone runs as usual, but the output head sees only the positions that
predict a completion token, one chunk at a time, and keeps no logits for the backward pass.

Shapes: N rows, L tokens per padded row, T completion tokens in all rows, H hidden width,
V vocabulary.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.utils.checkpoint import checkpoint

from itertl_eval.train.fitting._packing import pack
from itertl_eval.train.models import pair_mask, takes_pair_mask

TOLERANCE = 1e-3


def response_mask(attention: Tensor, starts: Tensor, lengths: Tensor) -> Tensor:
    """Return bool [N, L], True on completion tokens: from lengths, never from a pad id."""
    at = torch.arange(attention.shape[1], device=attention.device)[None, :]
    return (at >= starts[:, None]) & (at < (starts + lengths)[:, None])


def token_logprobs(
    head: Callable[[Tensor], Tensor],
    hidden: Tensor,
    targets: Tensor,
    chunk: int,
    *,
    frozen: bool = False,
) -> Tensor:
    """Return the log-probability of each target, float32 or wider [T], in nats.

    Args:
        head: Maps hidden states [T, H] to logits [T, V].
        hidden: Hidden states [T, H] at the positions that predict the targets.
        targets: Token ids [T].
        chunk: Tokens per pass through the head, whose logits are not kept; 0 means all at once
            with the logits kept.
        frozen: The head is not trained, so its logits need not be computed again to get
            gradients.
    """
    if chunk <= 0:
        return _chunk(head, hidden, targets)
    parts = []
    for start in range(0, len(targets), chunk):
        piece = hidden[start : start + chunk], targets[start : start + chunk]
        if not torch.is_grad_enabled():
            parts.append(_chunk(head, *piece))
        elif frozen:
            parts.append(_FrozenChunk.apply(head, *piece))
        else:
            parts.append(checkpoint(_chunk, head, *piece, use_reentrant=False))
    return torch.cat(parts) if parts else hidden.new_zeros(0)


def _chunk(head: Callable[[Tensor], Tensor], hidden: Tensor, targets: Tensor) -> Tensor:
    logits = head(hidden)
    logits = logits if logits.dtype == torch.float64 else logits.float()
    # It passes over the logits fewer times than gather() and logsumexp() do.
    return -cross_entropy(logits, targets, reduction="none")


class _FrozenChunk(torch.autograd.Function):
    """`_chunk` that keeps gradients [T, H] in place of logits [T, V].

    A log-probability depends on one row of `hidden` alone, so its gradient is known up to a
    factor when the logits are.
    """

    @staticmethod
    def forward(
        ctx: Any, head: Callable[[Tensor], Tensor], hidden: Tensor, targets: Tensor
    ) -> Tensor:
        with torch.enable_grad():
            inputs = hidden.detach().requires_grad_()
            found = _chunk(head, inputs, targets)
            (slopes,) = torch.autograd.grad(found.sum(), inputs)
        ctx.save_for_backward(slopes)
        return found.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, Tensor, None]:
        (slopes,) = ctx.saved_tensors
        return None, (gradients[0][:, None] * slopes).to(slopes.dtype), None


def row_means(values: Tensor, rows: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean over each row's tokens [N], given values [T] and their row numbers [T]."""
    total = values.new_zeros(len(lengths)).index_add(0, rows, values)
    return total / lengths.clamp(min=1)


def leading_means(values: Tensor, rows: Tensor, counts: Tensor) -> Tensor:
    """Return the mean over the first `counts` [N] tokens of each row [N], given values [T]."""
    totals = torch.bincount(rows, minlength=len(counts))
    place = torch.arange(len(values), device=values.device) - (totals.cumsum(0) - totals)[rows]
    kept = place < counts[rows]
    return row_means(values[kept], rows[kept], counts)


def install(model: Any, chunk: int, *, share_prompts: bool = False) -> bool:
    """Replace a causal model's forward with one that returns {"tokens": [T], "rows": [T]}.

    The replacement sits below any wrapper (adapter, DDP, FSDP), so their hooks still run.
    `tokens` are the log-probabilities of all completion tokens, row after row. Given `sizes` [G],
    the candidates per group, it computes each group's prompt once.

    Args:
        model: The model, with or without an adapter.
        chunk: Tokens per pass through the output head; see `token_logprobs`.
        share_prompts: Find out whether the model can be given `sizes`.

    Returns:
        Whether it can.

    Raises:
        ValueError: The result differs from the model's own logits, because its head does more
            than a matrix product and the scalings known here.
    """
    causal = _causal(model)
    backbone = getattr(causal, causal.base_model_prefix)
    head = _head(causal)
    frozen = not any(w.requires_grad for w in causal.get_output_embeddings().parameters())
    _check(causal, backbone, head)

    def logprobs(hidden: Tensor, targets: Tensor) -> Tensor:
        return token_logprobs(head, hidden, targets, chunk, frozen=frozen)

    def forward(
        self: Any,
        input_ids: Tensor,
        attention_mask: Tensor,
        starts: Tensor,
        lengths: Tensor,
        sizes: Tensor | None = None,
        **_: Any,
    ) -> dict[str, Tensor]:
        del self
        if sizes is not None:
            packed = pack(input_ids, attention_mask, starts, lengths, sizes)
            hidden = backbone(
                input_ids=packed.input_ids,
                attention_mask=pair_mask(packed.mask, causal),
                position_ids=packed.position_ids,
                use_cache=False,
            ).last_hidden_state.flatten(0, 1)
            tokens = logprobs(hidden[packed.sources], packed.targets)
            return {"tokens": tokens, "rows": packed.rows}
        hidden = backbone(
            input_ids=input_ids, attention_mask=attention_mask, use_cache=False
        ).last_hidden_state
        mask = response_mask(attention_mask, starts, lengths)[:, 1:]
        tokens = logprobs(hidden[:, :-1][mask], input_ids[:, 1:][mask])
        return {"tokens": tokens, "rows": mask.nonzero()[:, 0]}

    causal._own_forward = causal.forward
    causal.forward = types.MethodType(forward, causal)
    return share_prompts and takes_pair_mask(causal) and _packs(causal)


def remove(model: Any) -> None:
    """Restore the model's own forward."""
    causal = _causal(model)
    if "_own_forward" in vars(causal):
        causal.forward = causal._own_forward
        del causal._own_forward


def _causal(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _head(causal: Any) -> Callable[[Tensor], Tensor]:
    """Return the output head with the scalings that some architectures apply after it."""
    config = causal.config
    cap = getattr(config, "final_logit_softcapping", None)
    scale = getattr(config, "logit_scale", 1.0) / getattr(config, "logits_scaling", 1.0)

    def head(hidden: Tensor) -> Tensor:
        logits: Tensor = causal.get_output_embeddings()(hidden)
        if scale != 1.0:
            logits = logits * scale
        return torch.tanh(logits / cap) * cap if cap else logits

    return head


@torch.no_grad()
def _check(causal: Any, backbone: Any, head: Callable[[Tensor], Tensor]) -> None:
    training, device = causal.training, causal.get_input_embeddings().weight.device
    if device.type == "meta":  # sharded before it was loaded: there are no weights to compare yet
        return
    causal.eval()
    ids = torch.arange(1, 9, device=device)[None] % causal.config.vocab_size
    mine = head(backbone(input_ids=ids, use_cache=False).last_hidden_state).log_softmax(-1)
    own = causal(input_ids=ids, use_cache=False).logits.log_softmax(-1)
    causal.train(training)
    worst = (mine - own).abs().max().item()
    if not worst < TOLERANCE:
        raise ValueError(
            f"{type(causal).__name__}: the chunked head differs from the model's own by {worst:.2g}"
        )


@torch.no_grad()
def _packs(causal: Any) -> bool:
    """Return whether shared prompts leave the model's log-probabilities as they are.

    A candidate must not see the others, which holds to the last bit. The positions must be those
    of separate rows, which holds up to rounding: in 16 bits about a tenth of a nat, where wrong
    positions cost several.
    """
    training, device = causal.training, causal.get_input_embeddings().weight.device
    if device.type == "meta":
        return False
    causal.eval()
    ids = torch.arange(1, 37, device=device).reshape(4, 9) % causal.config.vocab_size
    ids[:3, :3], ids[3, 0] = ids[0, :3], ids[3, 1]
    batch = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "starts": torch.tensor([3, 3, 3, 1], device=device),
        "lengths": torch.tensor([6, 6, 6, 8], device=device),
    }
    sizes = torch.tensor([3, 1], device=device)
    others = ids.clone()
    others[:2, 3:] = ids[2:, 3:].flip(1)
    try:
        shared = causal(**batch, sizes=sizes)["tokens"]
        beside = causal(**{**batch, "input_ids": others}, sizes=sizes)["tokens"]
        apart = causal(**batch)["tokens"]
    except (RuntimeError, TypeError, ValueError):  # no position_ids, or no mask of this shape
        return False
    finally:
        causal.train(training)
    seen = (shared - beside)[-14:].abs().max()  # the third candidate and the other group
    allowed = max(TOLERANCE, 64 * torch.finfo(causal.dtype).eps)
    return bool(seen < TOLERANCE and (shared - apart).abs().max() < allowed)
