"""Blank out what only looks like code: comments, strings and escaped names."""

from __future__ import annotations

import re

_SKIP = re.compile(r'//[^\n]*|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*"|\\\S+', re.DOTALL)
_VISIBLE = re.compile(r"[^\n]")


def blank(text: str) -> str:
    """Return `text` with comments, strings and escaped names replaced by spaces, line by line."""
    return _SKIP.sub(lambda match: _VISIBLE.sub(" ", match[0]), text)
