"""Make what a model wrote fit to be shown: nothing invisible, nothing endless."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Control characters but tab and newline, marks that turn the direction of text, characters
without a shape, and what neither UTF-8 nor XML can hold."""


def visible(text: str) -> str:
    """`text` with each unseen character as its number: a page can't be misled by them."""
    return _UNSEEN.sub(lambda m: f"\u27e8U+{ord(m[0]):04X}\u27e9", text.replace("\r\n", "\n"))


def clip(text: str, limit: int) -> str:
    """`text` without its middle when it is longer than `limit`; says how much is left out."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    tail = limit - head
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:]}"


def limit_for(texts: Iterable[str], budget: int) -> int:
    """The length to clip texts at, so that all of them fit into `budget` characters of HTML."""
    lengths = [(len(text), len(html.escape(text)) / max(1, len(text))) for text in texts]
    limit = 64 * 1024
    while limit > 256 and sum(min(n, limit) * growth for n, growth in lengths) > budget:
        limit //= 2
    return limit
