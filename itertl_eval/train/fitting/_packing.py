"""Put a group's prompt and candidates into one row, so that the prompt is computed once.

Shapes: N candidates of at most L tokens, G groups, M tokens in the longest packed row, T
completion tokens in all candidates.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class Packed(NamedTuple):
    """Groups as rows: a prompt, then its candidates one after another.

    Attributes:
        input_ids: int [G, M].
        position_ids: int [G, M]; each candidate starts at the position after the prompt.
        mask: bool [G, 1, M, M]; a candidate sees the prompt and itself, up to each token.
        sources: int [T], which of the G x M positions predicts each completion token.
        targets: int [T], the completion tokens.
        rows: int [T], the candidate of each completion token.
    """

    input_ids: Tensor
    position_ids: Tensor
    mask: Tensor
    sources: Tensor
    targets: Tensor
    rows: Tensor


def pack(
    input_ids: Tensor, attention_mask: Tensor, starts: Tensor, lengths: Tensor, sizes: Tensor
) -> Packed:
    """Pack candidates that follow each other and share a prompt.

    Args:
        input_ids: int [N, L], prompt and completion of each candidate, padded on the right.
        attention_mask: int [N, L], 0 on padding.
        starts: int [N], where each completion begins.
        lengths: int [N], tokens of each completion.
        sizes: int [G], candidates per group.
    """
    device = input_ids.device
    group = torch.arange(len(sizes), device=device).repeat_interleave(sizes)
    first = torch.zeros(len(starts), dtype=torch.bool, device=device)
    first[sizes.cumsum(0) - sizes] = True
    column = torch.arange(input_ids.shape[1], device=device)
    completion = (column >= starts[:, None]) & (column < (starts + lengths)[:, None])
    # Row by row: the prompt of each group's first candidate, and all completions.
    kept = completion | (first[:, None] & (column < starts[:, None]) & attention_mask.bool())
    row, at = kept.nonzero(as_tuple=True)
    target = group[row]
    counts = torch.bincount(target, minlength=len(sizes))
    place = torch.arange(len(row), device=device) - (counts.cumsum(0) - counts)[target]

    shape = (len(sizes), int(counts.max()))
    ids = input_ids.new_zeros(shape)
    positions = torch.zeros(shape, dtype=torch.long, device=device)
    segments = torch.full(shape, -1, device=device)  # -1: padding, 0: prompt
    within = completion[row, at]
    ids[target, place] = input_ids[row, at]
    positions[target, place] = at
    segments[target, place] = torch.where(within, row + 1, 0)

    step = torch.arange(shape[1], device=device)
    causal = step[None, :] <= step[:, None]
    seen = (segments[:, None, :] == 0) | (segments[:, None, :] == segments[:, :, None])
    # A completion's first token follows the prompt, every other one the token before it.
    predicted = within & (at > 0)
    before = torch.where(at == starts[row], at - 1, place - 1)
    sources = (target * shape[1] + before)[predicted]
    mask = (causal & seen)[:, None]
    return Packed(ids, positions, mask, sources, input_ids[row, at][predicted], row[predicted])


def saves(starts: Tensor, lengths: Tensor, sizes: Tensor, width: int) -> bool:
    """Return whether packing takes less work than one padded row per candidate.

    A token costs about 12 x `width`^2 multiplications in the layers' matrices, and each pair of
    tokens in a row 2 x `width` in attention, masked or not.
    """

    def work(rows: int, longest: int) -> int:
        return rows * longest * (6 * width + longest)

    groups = zip(starts.split(sizes.tolist()), lengths.split(sizes.tolist()), strict=True)
    packed = max(int(start[0] + length.sum()) for start, length in groups)
    return work(len(sizes), packed) < work(len(starts), int((starts + lengths).max()))
