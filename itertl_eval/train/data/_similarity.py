"""Rouge-L similarity of two texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

_WORD = re.compile(r"[a-z0-9]+")


def words(text: str) -> list[str]:
    """Return lower-case runs of letters and digits, like rouge-score without stemming."""
    return _WORD.findall(text.lower())


def rouge_l(text: str, reference: str) -> float:
    """Return the Rouge-L F1 in 0..1 over words; 0 if either text has none."""
    return rouge_l_words(words(text), words(reference))


def rouge_l_words(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the Rouge-L F1 of two word lists: 2 LCS / (len + len) = 2PR / (P + R)."""
    if not left or not right:
        return 0.0
    return 2 * LCSseq.similarity(left, right) / (len(left) + len(right))
