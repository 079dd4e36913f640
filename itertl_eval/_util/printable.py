"""Lines that people read: text of designs and models made safe, numbers with their nouns."""

from __future__ import annotations

import re

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Control characters except tab and newline, direction marks, zero-width characters, and code
points that UTF-8 or XML cannot hold."""


def printable(text: str) -> str:
    """Replace each invisible character by its number.

    Escape sequences then can't move the cursor or change the terminal, and characters that turn
    the direction of writing can't mislead a reader. Line ends and tabs stay.
    """
    return _UNSEEN.sub(lambda m: f"\u27e8U+{ord(m[0]):04X}\u27e9", text.replace("\r\n", "\n"))


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return "1 pair" or "2 pairs".

    Args:
        number: How many.
        noun: One of them, with the words before it: "held-out problem".
        nouns: Several of them, if an "s" does not make them.
    """
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"
