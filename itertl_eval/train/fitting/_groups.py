"""Groups: one instruction's candidates with their scores, one row of the training set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from itertl_eval.train.fitting._objectives import PASSING


@dataclass(frozen=True)
class Candidate:
    """One completion to train on.

    `ids` are its tokens, with the end token if the completion ended by itself. `z` is its score.
    `logprob` is its mean log-probability under the model that sampled it, in nats per token;
    None if unknown. It covers all `ids` but the last `added`, which were not sampled. `logprobs`
    are its terms, where an objective needs them.
    """

    ids: list[int]
    z: float
    is_reference: bool = False
    logprob: float | None = None
    added: int = 0
    logprobs: list[float] | None = None

    def as_row(self) -> dict[str, Any]:
        """Return the candidate as JSON values; rows of earlier versions keep their digest."""
        row = {
            "ids": self.ids,
            "z": self.z,
            "is_reference": self.is_reference,
            "logprob": self.logprob,
        }
        if self.added:
            row["added"] = self.added
        if self.logprobs is not None:
            row["logprobs"] = self.logprobs
        return row


@dataclass(frozen=True)
class Group:
    """The prompt and candidates of one instruction; a reference comes last."""

    task: str
    prompt: list[int]
    candidates: list[Candidate]

    @property
    def longest(self) -> int:
        """Return the number of tokens of the longest row, prompt and candidate."""
        return len(self.prompt) + max((len(one.ids) for one in self.candidates), default=0)

    def as_row(self) -> dict[str, Any]:
        """Return the group as JSON values. Not `asdict`, which would copy every token."""
        return {
            "task": self.task,
            "prompt": self.prompt,
            "candidates": [candidate.as_row() for candidate in self.candidates],
        }

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Group:
        """Return the group that `as_row` wrote."""
        return cls(row["task"], row["prompt"], [Candidate(**c) for c in row["candidates"]])


@dataclass
class Counts:
    """How the samples of one iteration were used."""

    groups: int = 0
    ranked: int = 0
    no_gap: int = 0
    nothing_to_learn: int = 0
    samples: int = 0
    duplicates: int = 0
    replayed: int = 0

    def facts(self) -> dict[str, int]:
        """Return the counts as columns of metrics.jsonl."""
        return {f"groups_{name}": value for name, value in vars(self).items()}


def build(
    task: str,
    prompt: list[int],
    reference: Candidate | None,
    fresh: Sequence[Candidate],
    replayed: Sequence[Candidate],
    *,
    gap: float,
    max_group: int,
    counts: Counts,
) -> list[Group]:
    """Return the groups of one instruction and add to `counts`.

    Identical completions count once. More than `max_group` samples are spread over several
    groups, each with the reference. If no scores in a group differ by more than `gap`, there is
    nothing to rank: only candidates whose likelihood is trained are kept, and a group without
    any is dropped.
    """
    seen = {tuple(reference.ids)} if reference else set()
    samples = []
    counts.samples += len(fresh)
    for candidate in [*fresh, *replayed]:
        if tuple(candidate.ids) in seen or not candidate.ids:
            counts.duplicates += 1
            continue
        seen.add(tuple(candidate.ids))
        samples.append(candidate)
    counts.replayed += len(replayed)
    shares = max(1, -(-len(samples) // max_group))
    groups = []
    for share in range(shares):
        chosen = [*samples[share::shares], *([reference] if reference else [])]
        if _ranks(chosen, gap):
            counts.ranked += 1
        else:
            counts.no_gap += 1
            chosen = [c for c in chosen if c.is_reference or c.z >= PASSING]
        if chosen:
            counts.groups += 1
            groups.append(Group(task, prompt, chosen))
        else:
            counts.nothing_to_learn += 1
    return groups


def whole(task: str, prompt: list[int], fresh: Sequence[Candidate], counts: Counts) -> list[Group]:
    """Return all fresh samples of one instruction as one group, and add to `counts`.

    For an objective that weighs samples by how often they were sampled: duplicates count. A group
    whose scores are all equal has no advantages, and is dropped.
    """
    chosen = [candidate for candidate in fresh if candidate.ids]
    counts.samples += len(fresh)
    if not _ranks(chosen, 0.0):
        counts.no_gap += 1
        return []
    counts.groups += 1
    counts.ranked += 1
    return [Group(task, prompt, chosen)]


def verified(groups: Sequence[Group]) -> list[Group]:
    """Keep only references and passing samples.

    An objective without a ranking term learns from nothing else, and every other candidate
    would still cost a forward pass in each update.
    """
    kept = []
    for group in groups:
        good = [c for c in group.candidates if c.is_reference or c.z >= PASSING]
        if good:
            kept.append(Group(group.task, group.prompt, good))
    return kept


def pairs(groups: Sequence[Group], gap: float) -> list[Group]:
    """Return groups of two, [chosen, rejected]; none where all scores are within `gap`.

    Among the best candidates the reference is chosen, otherwise the first.
    """
    found = []
    for group in groups:
        best = max(group.candidates, key=lambda c: (c.z, c.is_reference))
        found += [
            Group(group.task, group.prompt, [best, other])
            for other in group.candidates
            if best.z - other.z > gap
        ]
    return found


def _ranks(candidates: Sequence[Candidate], gap: float) -> bool:
    z = [candidate.z for candidate in candidates]
    return bool(z) and max(z) - min(z) > gap


def collate(groups: Sequence[Group], pad_id: int) -> dict[str, Tensor]:
    """Flatten G groups into one right-padded batch of N rows, one per candidate.

    Returns:
        `input_ids`, `attention_mask`: int [N, L].
        `starts`, `lengths`: int [N], where each completion begins and its length in tokens.
        `sampled`: int [N], how many of its first tokens `drawn` covers.
        `z`, `is_reference`: float and bool [N].
        `drawn`: float [N], mean log-probability under the sampling model; NaN if unknown.
        `sizes`: int [G], candidates per group.
        `old`: float [T], log-probability under the sampling model of each completion token, row
            after row; NaN for tokens that were not sampled. Only if candidates have them.
    """
    rows = [(group.prompt, candidate) for group in groups for candidate in group.candidates]
    longest = max(len(prompt) + len(candidate.ids) for prompt, candidate in rows)
    ids = torch.full((len(rows), longest), pad_id)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for row, (prompt, candidate) in enumerate(rows):
        both = prompt + candidate.ids
        ids[row, : len(both)] = torch.tensor(both)
        mask[row, : len(both)] = 1
    sampled = any(candidate.logprobs is not None for _, candidate in rows)
    old = {"old": torch.cat([_old(candidate) for _, candidate in rows])} if sampled else {}
    return {
        **old,
        "input_ids": ids,
        "attention_mask": mask,
        "starts": torch.tensor([len(prompt) for prompt, _ in rows]),
        "lengths": torch.tensor([len(candidate.ids) for _, candidate in rows]),
        "sampled": torch.tensor([len(candidate.ids) - candidate.added for _, candidate in rows]),
        "z": torch.tensor([candidate.z for _, candidate in rows], dtype=torch.float64),
        "is_reference": torch.tensor([candidate.is_reference for _, candidate in rows]),
        "drawn": torch.tensor([float("nan") if c.logprob is None else c.logprob for _, c in rows]),
        "sizes": torch.tensor([len(group.candidates) for group in groups]),
    }


def _old(candidate: Candidate) -> Tensor:
    unknown = len(candidate.ids) - len(candidate.logprobs or [])
    return torch.tensor([*(candidate.logprobs or []), *[float("nan")] * unknown])
