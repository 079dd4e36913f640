"""Name what a completion without a design is instead."""

from __future__ import annotations

import re

_BYTE_LEVEL = re.compile(r"[\u0120\u010a]")
_BYTE_TOKEN = re.compile(r"<0x[0-9A-Fa-f]{2}>")
_LONG = 60
"""Characters after which a text without any blank is not just short."""


def detokenizer_fault(text: str) -> str:
    """Return what shows that a back end's detokenizer is broken, or "" if nothing does."""
    if len(_BYTE_LEVEL.findall(text)) >= 3:
        return "\u0120 in place of blanks"
    if text.count("\u2581") >= 3:
        return "\u2581 in place of blanks"
    if _BYTE_TOKEN.search(text):
        return "byte tokens like <0x0A>"
    if len(text.strip()) >= _LONG and not any(c in text for c in " \t") and "module" in text:
        return "no blanks"
    return ""


def hint(text: str) -> str:
    """Return what a text that holds no design looks like, as the end of a message, or ""."""
    if fault := detokenizer_fault(text):
        return f"; it has {fault}: the back end's detokenizer is broken"
    stripped = text.strip()
    if stripped.startswith("{") and '"' in stripped[:200]:
        return "; it looks like JSON that can't be parsed"
    if "&lt;" in text or "&amp;" in text:
        return "; it has HTML entities such as &lt;"
    if stripped.count("\\n") > max(3, stripped.count("\n")):
        return "; it has \\n in place of line ends"
    return ""
