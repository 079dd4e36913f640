"""Make completions safe to show: no invisible characters, no endless text."""

from __future__ import annotations

import html
from collections.abc import Iterable

from itertl_eval._util.printable import printable as visible


def clip(text: str, limit: int) -> str:
    """Cut the middle out of a text longer than `limit` and say how much is missing."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:]}"


def limit_for(texts: Iterable[str], budget: int) -> int:
    """Return the clip length at which all texts fit into `budget` characters of HTML."""
    lengths = [(len(text), len(html.escape(text)) / max(1, len(text))) for text in texts]
    limit = 64 * 1024
    while limit > 256 and sum(min(n, limit) * growth for n, growth in lengths) > budget:
        limit //= 2
    return limit


__all__ = ["clip", "limit_for", "visible"]
