"""Undo what surrounds or encodes the code, where that is certain.

Each function returns its text unchanged if in doubt: a wrong guess would break a right design.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any

_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00b4": "'",
        "\u00a0": " ", "\u202f": " ", "\u205f": " ", "\u3000": " ", "\u2212": "-",
        **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
        **dict.fromkeys(map(chr, range(0x200B, 0x200E)), None), "\u2060": None, "\ufeff": None,
        **dict.fromkeys(map(chr, range(0x2010, 0x2016)), "-"),
    }
)  # fmt: skip
_SPECIAL = re.compile(r"<\|start\|>\w{0,20}|<\|[\w ]{1,40}\|>|</?s>|<\uff5c[^>\n]{1,40}\uff5c>")
_GLUED = re.compile(r"endmodule(?<=\bendmodule)(?=(?:end)?module\b)")  # fast: begins with a letter
_ESCAPE = re.compile(r"\\([ntr\"'\\])")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\n"}
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_RAW = re.compile(r"<|&(?!(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});)")
_LINE_MARK = re.compile(
    r"[ \t]{0,8}(?:(?P<quote>[>+])|(?P<number>\d{1,6})"
    r"(?:[:.)]|[ \t]{0,8}[|\u2502]|(?=[ \t]|$)))[ \t]?"
)
_MARKED_MODULE = re.compile(r"\n[ \t]{0,8}+(?:[>+]|\d{1,6})[^\n\w]{0,10}(?:end|macro)?module\b")
_MODULE = re.compile(r"^[ \t]*+(?:macro)?module\b", re.MULTILINE)


def plain_characters(text: str) -> str:
    """Normalize line ends, typographic characters and halves of characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if text.isascii():
        return text
    text = text.encode(errors="replace").decode()  # lone surrogates, as JSON can hold them
    return text.translate(_TYPOGRAPHY)


def without_special_tokens(text: str) -> str:
    """Remove tokens of a chat template, and part modules that they glued together."""
    return _GLUED.sub("endmodule\n", _SPECIAL.sub("", text))


def decoded(text: str) -> str:
    """Decode a text that is JSON, one line with written line ends, or quoted or numbered lines."""
    return _unmarked_lines(_unescaped(_json_text(text)))


def without_entities(code: str) -> str:
    """Decode HTML entities in code that has been escaped throughout.

    `&lt;` is Verilog too: the AND of all bits of a vector named lt. Code is only decoded if it
    has no other < or &, and no name that could be meant.
    """
    entities = set(_ENTITY.findall(code))
    if not entities or _RAW.search(code):
        return code
    names = {entity[1:-1] for entity in entities if entity[1] != "#"}
    if names & set(re.findall(r"[A-Za-z_][\w$]*", _ENTITY.sub(" ", code))):
        return code
    return html.unescape(code)


def _json_text(text: str) -> str:
    """Return the strings of a JSON text: the designs among them if there are any."""
    stripped = text.strip()
    if not (stripped[:1] in ('"', "{", "[") and stripped[-1:] in ('"', "}", "]")):
        return text
    try:
        value = json.loads(stripped, strict=False, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return text
    strings = _strings(value)
    designs = [s for s in strings if "endmodule" in s and s.strip() != "endmodule"]
    return "\n".join(designs or strings) or text


def json_inside(text: str) -> str:
    """Return the strings of a JSON object with other text around it, "" if there is none."""
    inside = text[text.find("{") : text.rfind("}") + 1]
    strings = _json_text(inside)
    return "" if strings == inside else strings


def _strings(value: Any) -> list[str]:
    """Return all strings in a JSON value, in order, without the keys of objects."""
    found, waiting = [], [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)
    return found


def _unescaped(text: str) -> str:
    r"""Turn a written \n into a line end, in a text of a single line."""
    stripped = text.strip()
    if "\n" in stripped or stripped.count("\\n") < 2:
        return text
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), stripped)


def _unmarked_lines(text: str) -> str:
    """Remove a quote mark or a line number from each line of a run that holds a module.

    No line of Verilog is `> module ...`, and a list of case items holds no module.
    """
    if not _MARKED_MODULE.search(f"\n{text}"):
        return text
    lines = text.split("\n")
    start, kind, expected = 0, "", 0
    for at in range(len(lines) + 1):
        match = _LINE_MARK.match(lines[at]) if at < len(lines) else None
        number = int(match["number"]) if match and match["number"] else -1
        mark = "" if match is None else match["quote"] or "number"
        if mark != kind or (kind == "number" and number != expected):
            if kind:
                lines[start:at] = _unmarked(lines[start:at], least=3 if kind == "number" else 1)
            start, kind = at, mark
        expected = number + 1
    return "\n".join(lines)


def _unmarked(lines: list[str], least: int) -> list[str]:
    plain = [_LINE_MARK.sub("", line, count=1) for line in lines]
    body = "\n".join(plain)
    if len(lines) < least or not ("endmodule" in body or _MODULE.search(body)):
        return lines
    return plain
