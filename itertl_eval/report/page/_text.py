"""Make completions safe to show: no invisible characters, no endless text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Control characters except tab and newline, direction marks, zero-width characters, and code
points that UTF-8 or XML cannot hold."""


def visible(text: str) -> str:
    """Replace each invisible character by its number, so that it can't mislead a reader."""
    return _UNSEEN.sub(lambda m: f"\u27e8U+{ord(m[0]):04X}\u27e9", text.replace("\r\n", "\n"))


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
