"""Where code may be in a text: between [BEGIN] and [DONE], in fences, anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from itertl_eval.grader.extraction._encodings import decoded

FENCE = re.compile(
    r"(?:^[ \t]*+|(?<!`)(?=```[A-Za-z]\w*+[ \t]*+$))"
    r"(`{3,}+|~{3,}+)[ \t]*+((?:\w++[ \t]++)?(?=module\s++\w++\s*+[#(;])|[^\n`]*+$)",
    re.MULTILINE,
)
"""A line; its end, where a language shows that a fence opens ("Answer: ```verilog"); or its start,
if a module begins in it."""


def places(text: str) -> Iterator[str]:
    """Yield the places where code may be, best first."""
    inside = marked(text)
    for part in inside:
        yield from reversed(fenced(part))
        yield decoded(part)
    if not inside and "[DONE]" in text:
        text = text.split("[DONE]")[0]
    if _may_have_fences(text):
        yield from reversed(fenced(text))
        text = FENCE.sub("", text)
    yield text


def marked(text: str) -> list[str]:
    """Return what follows each [BEGIN], the last first."""
    if "[BEGIN]" not in text:
        return []
    return [part.split("[DONE]")[0] for part in reversed(text.split("[BEGIN]")[1:])]


def fenced(text: str) -> list[str]:
    """Return the contents of all fences; the last fence may be unclosed."""
    if not _may_have_fences(text):
        return []
    blocks, start, mark = [], None, ""
    for match in FENCE.finditer(text):
        if start is None:
            start, mark = match.end(), match[1]
        elif match[1].startswith(mark) and not match[2].strip():
            blocks.append(decoded(text[start : match.start()].removeprefix("\n")))
            start = None
    if start is not None:
        blocks.append(decoded(text[start:].removeprefix("\n")))
    return blocks


def _may_have_fences(text: str) -> bool:
    return "```" in text or "~~~" in text


def before_fences(text: str) -> str:
    """Return the text before the first fence, "" if there is no fence."""
    match = FENCE.search(text)
    return text[: match.start()] if match else ""
