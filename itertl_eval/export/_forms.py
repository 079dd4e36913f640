"""Rows of chat messages for other trainers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from itertl_eval.export._graded import GradedSample

PAIRS = 4
"""Preference pairs of one prompt."""


def sft_rows(samples: Iterable[GradedSample]) -> Iterator[dict[str, Any]]:
    """Yield {"messages"} for each different completion that passes."""
    for group in _by_prompt(samples):
        for text in _texts(group, passed=True):
            yield {"messages": [*group[0].messages, _assistant(text)]}


def dpo_rows(samples: Iterable[GradedSample], pairs: int = PAIRS) -> Iterator[dict[str, Any]]:
    """Yield {"messages", "chosen", "rejected"}: a completion that passes, one that fails.

    Args:
        samples: Those that could not be graded, or have no testbench, are left out.
        pairs: How many to take of one prompt. The chosen ones take turns; the rejected ones with
            the highest score come first, because they are the hardest to tell apart.
    """
    for group in _by_prompt(samples):
        chosen, rejected = _texts(group, passed=True), _texts(group, passed=False)
        if not chosen:
            continue
        for number, text in enumerate(rejected[:pairs]):
            yield {
                "messages": group[0].messages,
                "chosen": _assistant(chosen[number % len(chosen)]),
                "rejected": _assistant(text),
            }


def _by_prompt(samples: Iterable[GradedSample]) -> list[list[GradedSample]]:
    groups: dict[str, list[GradedSample]] = defaultdict(list)
    for sample in samples:
        if sample.reward is not None and sample.tested:
            groups[sample.group].append(sample)
    return list(groups.values())


def _texts(group: list[GradedSample], *, passed: bool) -> list[str]:
    """The different completions of one prompt that pass, or fail; the highest score first."""
    found = [sample for sample in group if sample.passed == passed]
    found.sort(key=lambda sample: -sample.score)  # stable: the rest keeps its order
    return list(dict.fromkeys(sample.completion for sample in found))


def _assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
