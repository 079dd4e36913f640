"""Losses of one group of candidates: small pure functions, one per preset.

A group is the K candidates of one instruction. A suffix gives a tensor's shape:

    p_K            float  mean log-probability of each candidate's completion tokens, in nats
    z_K            float  score of each candidate in 0..1, from the grader
    is_reference_K bool   True for the reference; at most one, possibly none
    lengths_K      int    completion tokens of each candidate
    prompt_length  int    prompt tokens, the same for the whole group

The arguments carry the same names without the suffix. Each function returns a scalar that is
differentiable in `p` alone. A group without a signal gives exactly zero and a zero gradient,
never NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

PASSING = 1.0
"""Score of a candidate that passed every test."""

Loss = Callable[..., Tensor]


def clean(
    p: Tensor,
    z: Tensor,
    is_reference: Tensor,
    *,
    margin: float = 0.1,
    gap: float = 0.02,
    reference_weight: float = 1.0,
    passing_weight: float = 1.0,
    ranking_weight: float = 0.5,
    **_: Any,
) -> Tensor:
    """Return the default loss: likelihood of verified completions plus a log-space margin ranking.

        L = sum_i w_i (-p_i) / max(1, sum_i w_i)
            + ranking_weight * mean over pairs z_j - z_i > gap of
              max(0, margin (z_j - z_i) - (p_j - p_i))

    w_i is `reference_weight` for the reference, `passing_weight` for a sample with z = 1, else 0.
    The mean is over the pairs whose hinge is open, so pairs that are already in order do not
    dilute it. `margin` is per token: 0.1 asks for a 40-token completion that passes to be e^4
    times as likely as one that fails everything. Differences from RTLCoder: log space instead
    of a softmax over the group, so the gradient does not vanish with K or with long
    completions; a margin proportional to the score gap; an additive ranking term, which cannot
    rescale the likelihood term.
    """
    weights = torch.zeros_like(p)
    weights[z >= PASSING] = passing_weight
    weights[is_reference] = reference_weight
    likelihood = -(weights * p).sum() / weights.sum().clamp(min=1.0)
    better, worse = _pairs(z, gap)
    hinge = (margin * (z[better] - z[worse]) - (p[better] - p[worse])).clamp(min=0)
    active = (hinge > 0).sum().clamp(min=1)
    return likelihood + ranking_weight * hinge.sum() / active


def rtlcoder_paper(
    p: Tensor, z: Tensor, is_reference: Tensor, *, paper_margin: float = 0.3, **_: Any
) -> Tensor:
    """Return RTLCoder's loss as published (arXiv 2312.08617, section 3.3), which ITERTL also uses.

        s = softmax(p) over the group
        L = -p_ref + sum over pairs z_j > z_i of max(0, s_i - s_j + 0.3)

    Without a reference the likelihood term is omitted.
    """
    s = p.softmax(0)
    better, worse = _pairs(z, 0.0)
    ranking = (s[worse] - s[better] + paper_margin).clamp(min=0).sum()
    return ranking - p[is_reference].sum()


def rtlcoder_code(
    p: Tensor,
    z: Tensor,
    is_reference: Tensor,
    *,
    lengths: Tensor,
    prompt_length: int,
    paper_margin: float = 0.3,
    paper_gap: float = 0.2,
    **_: Any,
) -> Tensor:
    """Return RTLCoder's loss as its released script computes it (train/mle_scoring.py).

        s = softmax of p * length / (prompt + length): the script divides by both lengths
        comp = sum over pairs z_j - z_i > 0.2 and s_j - s_i < 0.3 of 0.3 - (s_j - s_i)
        L = (comp + 1) * CE_ref,  CE_ref = -p_ref, the mean over completion tokens

    Without a reference, which the script cannot express, L = comp.
    """
    s = (p * lengths / (lengths + prompt_length)).softmax(0)
    better, worse = _pairs(z, paper_gap)
    comp = (paper_margin - (s[better] - s[worse])).clamp(min=0).sum()
    if not bool(is_reference.any()):
        return comp
    return (comp + 1) * -p[is_reference].sum()


def rrhf(p: Tensor, z: Tensor, is_reference: Tensor, **_: Any) -> Tensor:
    """Return the RRHF loss (arXiv 2304.05302, equations 2-4): plain hinge plus best likelihood.

        L = sum over pairs z_j > z_i of max(0, p_i - p_j) - p_best

    p_best is the candidate with the highest z; ties go to the reference, then to the first.
    """
    better, worse = _pairs(z, 0.0)
    best = int(torch.argmax(z.double() + 1e-6 * is_reference.double()))
    return (p[worse] - p[better]).clamp(min=0).sum() - p[best]


def rft(p: Tensor, z: Tensor, is_reference: Tensor, **_: Any) -> Tensor:
    """Return the rejection-sampling loss (arXiv 2308.01825): likelihood of accepted candidates.

    L = - mean of p_i over the reference and the samples with z_i = 1
    """
    accepted = (z >= PASSING) | is_reference
    return -(p * accepted).sum() / accepted.sum().clamp(min=1)


def clipped(new: Tensor, old: Tensor, rows: Tensor, z: Tensor, *, clip: float) -> Tensor:
    """Return GRPO's loss (arXiv 2402.03300, equation 3 without its KL term) of one group.

        A_i = (z_i - mean z) / (standard deviation of z + 1e-4)
        r_t = exp(new_t - old_t), for each token t of candidate i
        L   = - mean over i of mean over t of min(r_t A_i, clamp(r_t, 1 - clip, 1 + clip) A_i)

    Args:
        new: float [T], log-probability of each token under the model that is trained, in nats.
        old: float [T], under the model that sampled it; NaN leaves a token out.
        rows: int [T], the candidate of each token, from 0.
        z: float [K], scores.
        clip: How far a ratio may move before its token stops to contribute.
    """
    known = ~torch.isnan(old)
    new, old, rows = new[known], old[known].to(new.dtype), rows[known]
    advantage = ((z - z.mean()) / (z.std() + 1e-4)).to(new.dtype)[rows]
    ratio = (new - old).exp()
    gain = torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage)
    totals = gain.new_zeros(len(z)).index_add(0, rows, gain)
    return -(totals / torch.bincount(rows, minlength=len(z)).clamp(min=1)).mean()


LOSSES: dict[str, Loss] = {
    "clean": clean,
    "rtlcoder-paper": rtlcoder_paper,
    "rtlcoder-code": rtlcoder_code,
    "rrhf": rrhf,
    "rft": rft,
}


def make_objective(name: str, **settings: float) -> Loss:
    """Return the preset `name` with its settings bound; it ignores settings of other presets."""
    return partial(LOSSES[name], **settings)


def _pairs(z: Tensor, gap: float) -> tuple[Tensor, Tensor]:
    """Return indices (better, worse) of all pairs whose scores differ by more than `gap`."""
    better, worse = torch.nonzero(z[:, None] - z[None, :] > gap, as_tuple=True)
    return better, worse
