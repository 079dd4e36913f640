"""Macros and types that a completion defines in another fence than the module."""

from __future__ import annotations

import re

from itertl_eval.grader.extraction._prose import declarations

_USED = re.compile(r"`?[A-Za-z_]\w*+")
# Linear: each alternative matches once its first word is there, so no text is taken twice.
_DEFINED = re.compile(
    r"`define[ \t]++(?P<macro>\w*+)|\btypedef\b(?P<plain>[^;{}]*+)|\}\s*+(?P<type>\w++)(?=\s*+;)"
)


def with_definitions(code: str, blocks: list[str]) -> str:
    """Put before the code what the blocks declare of the macros and types that it lacks.

    Args:
        code: The design.
        blocks: What fences hold beside modules, in order. The last that defines a name counts.
    """
    parts = [code]
    used, defined = set(_USED.findall(code)), _defined(code)
    for block in reversed(blocks):
        text = declarations(block)
        names = _defined(text)
        if names & used - defined:
            parts.append(text)
            used.update(_USED.findall(text))
            defined |= names
    return "\n".join(reversed(parts))


def _defined(text: str) -> set[str]:
    names = set()
    for match in _DEFINED.finditer(text):
        if match.lastgroup == "macro":
            names.add(f"`{match['macro']}")
        elif match.lastgroup == "type":
            names.add(match["type"])
        elif text[match.end() : match.end() + 1] == ";":
            names.update(match["plain"].split()[-1:])
    return names
