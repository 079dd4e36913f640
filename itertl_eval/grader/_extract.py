"""Find the design in what a model said.

The rules, in order: reasoning is dropped; code is looked for between [BEGIN] and [DONE], then
in fences, then in the bare text; the last place that defines the wanted module wins, one that
quotes no more than its header or leaves a gap (...) only if there is no other. Helper modules and
packages come along from wherever they are, prose and testbenches stay behind. Where the prompt
ended in a module header, text without that module continues the header. A module with another
name is reported, never renamed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_REASONING = re.compile(
    r"<(think|thinking|reasoning|thought|analysis)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE
)
_CLOSED_REASONING = re.compile(r"</(?:think|thinking|reasoning|thought|analysis)>", re.IGNORECASE)
_SPECIAL = re.compile(r"<\|[\w ]{1,40}\|>|</?s>|<\uff5c[^>\n]{1,40}\uff5c>")
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*([^\n`]*)$", re.MULTILINE)
_TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00b4": "'",
        "\u00a0": " ", "\u2003": " ", "\u2002": " ", "\u3000": " ", "\u200b": None,
        "\ufeff": None, "\u2013": "-", "\u2014": "-", "\u2212": "-",
    }
)  # fmt: skip
_TOKEN = re.compile(
    r'//[^\n]*|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*+"?|\\\S+|[A-Za-z_$`][\w$]*', re.DOTALL
)
_OPENERS = {"module", "macromodule"}
_UNITS = {
    "package": "endpackage", "interface": "endinterface", "primitive": "endprimitive",
}  # fmt: skip
_GLUED = re.compile(r"\bendmodule(?=(?:end)?module\b)")
_DIRECTIVE = re.compile(
    r"^[ \t]*`(?:define|undef|undefineall|timescale|default_nettype|ifdef|ifndef|else|elsif|endif"
    r"|resetall|celldefine|endcelldefine|include|line|pragma|begin_keywords|end_keywords"
    r"|unconnected_drive|nounconnected_drive)\b"
)
_DECLARATION = re.compile(
    r"\s*(?:import\s+\w+\s*::|(?:parameter|localparam)\b[^=]*=.*[,;]\s*(?://.*)?$"
    r"|(function|task)\s+[\w\s\[\]:$'+-]+[;(]"
    r"|typedef\s+(?:enum|struct|union|[\w:]+(?:\s+(?:un)?signed)?(?:\s*\[[^\]]*\])*\s+\w+\s*;))"
)
_DECLARES = re.compile(
    r"(?:^|[(,;])[ \t]*(?:input|output|inout|wire|reg|logic|parameter|localparam|assign|always\w*"
    r"|initial)\b",
    re.MULTILINE,
)
_GAP = re.compile(r"^[ \t]*\.\.\.|\(\s*\.\.\.\s*\)", re.MULTILINE)


@dataclass(frozen=True)
class Extraction:
    """`code` is what is compiled, None when nothing was found; `problem` then says why."""

    code: str | None
    problem: str = ""


@dataclass(frozen=True)
class _Unit:
    kind: str
    name: str
    start: int
    end: int
    closed: bool


def extract(completion: str, top: str, header: str = "") -> Extraction:
    """The design in `completion`; see the module's docstring.

    `top` is the module that is asked for. `header` is the module header that the completion
    may continue, empty if the prompt gave none. Linear in the length of the text.
    """
    text = _clean(completion)
    if not text.strip():
        return Extraction(None, "the answer is empty")
    best: tuple[str, list[_Unit]] | None = None
    other_names: list[str] = []
    for place in _places(text):
        units = _units(place)
        tops = [u for u in units if u.name == top and u.kind in _OPENERS]
        if not tops or _continues(place, units, header):
            other_names += [u.name for u in units if u.kind in _OPENERS]
            continue
        best = best or (place, units)
        if any(u.closed and not _GAP.search(place, u.start, u.end) for u in tops):
            best = place, units
            break
    if best is not None:
        return Extraction(_with_helpers(*best, top, text))
    if header:
        continued = _continue_header(text, header, top)
        if continued is not None:
            return Extraction(continued)
    if other_names:
        names = ", ".join(dict.fromkeys(name or "(no name)" for name in other_names))
        return Extraction(None, f"no module named {top}; the answer defines {names}")
    return Extraction(None, f"no module named {top} in the answer")


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode(errors="replace").decode()  # halves of characters, as JSON can hold them
    text = text.translate(_TYPOGRAPHY)
    text = _REASONING.sub("\n", text)
    closings = list(_CLOSED_REASONING.finditer(text))
    if closings:  # the opening tag was part of the prompt
        text = text[closings[-1].end() :]
    text = _SPECIAL.sub("", text)
    return _GLUED.sub("endmodule\n", text)


def _places(text: str) -> list[str]:
    """Where code may be, best first."""
    places: list[str] = []
    for inside in (marked := _marked(text)):
        places += [*reversed(_fenced(inside)), inside]
    if not marked:
        text = text.split("[DONE]")[0]
    places += reversed(_fenced(text))
    places.append(_FENCE.sub("", text))
    return places


def _marked(text: str) -> list[str]:
    """What stands behind each [BEGIN], the last first."""
    return [part.split("[DONE]")[0] for part in reversed(text.split("[BEGIN]")[1:])]


def _fenced(text: str) -> list[str]:
    """The contents of all fences; the last may be unclosed."""
    blocks, start, mark = [], None, ""
    for match in _FENCE.finditer(text):
        if start is None:
            start, mark = match.end() + 1, match[1]
        elif match[1].startswith(mark) and not match[2].strip():
            blocks.append(text[start : match.start()])
            start = None
    if start is not None:
        blocks.append(text[start:])
    return blocks


def _units(text: str) -> list[_Unit]:
    """The modules and packages of a text, in order; nested or unclosed ones end at the next."""
    found: list[_Unit] = []
    open_kind, open_name, open_at = "", "", -1
    expect_name = False
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word[0] in '/"' or (word[0] == "\\" and not expect_name):
            continue
        if expect_name:
            if word in ("automatic", "static"):
                continue
            if word in _OPENERS:  # "here is the module:" in front of the module
                open_kind, open_at = word, match.start()
                continue
            open_name, expect_name = word.lstrip("\\"), False
            continue
        if word in _OPENERS or (word in _UNITS and not open_kind):
            if open_kind:
                found.append(_Unit(open_kind, open_name, open_at, match.start(), False))
            open_kind, open_name, open_at, expect_name = word, "", match.start(), True
        elif open_kind and word == _UNITS.get(open_kind, "endmodule"):
            found.append(_Unit(open_kind, open_name, open_at, match.end(), True))
            open_kind = ""
    if open_kind:
        found.append(_Unit(open_kind, open_name, open_at, len(text), False))
    return [unit for unit in found if _looks_like_code(text, unit)]


def _looks_like_code(text: str, unit: _Unit) -> bool:
    """A sentence may speak of "the module top"; a header has "(", "#" or ";" behind the name."""
    after = text[unit.start : unit.end]
    return bool(
        re.match(r"\w+\s+(?:automatic\s+|static\s+)?\\?[\w$]+\s*(?:import\b[^;]*;\s*)?[#(;]", after)
    )


def _continues(place: str, units: list[_Unit], header: str) -> bool:
    """True when the text ends a given header first and only then starts modules."""
    if not header:
        return False
    first = min(unit.start for unit in units)
    return any(m[0] == "endmodule" for m in _TOKEN.finditer(place, 0, first))


def _with_helpers(place: str, units: list[_Unit], top: str, text: str) -> str:
    """The code of `place` without prose, plus what it uses and other places define."""
    code = _without_prose(place, units, top)
    elsewhere = {
        unit.name: (unit.kind, other[unit.start : unit.end])
        for other in _fenced(text)
        for unit in _units(other)
        if unit.closed
    }
    for unit in units:
        elsewhere.pop(unit.name, None)
    before, behind, new = list[str](), list[str](), [code]
    while new:  # helpers of helpers too
        words = set(re.findall(r"[A-Za-z_][\w$]*", "\n".join(new)))
        found = [elsewhere.pop(name) for name in list(elsewhere) if name in words]
        before = [unit for kind, unit in found if kind not in _OPENERS] + before
        behind += [unit for kind, unit in found if kind in _OPENERS]
        new = [unit for _, unit in found]
    return "\n".join([*before, code, *behind])


def _chosen(place: str, units: list[_Unit], top: str) -> set[_Unit]:
    """A draft and its revision in one text: the last closed definition counts. What is never
    closed and declares nothing is a sentence that speaks of a module."""
    chosen: dict[str, _Unit] = {}
    for unit in units:
        if not (unit.closed or unit.name == top or _DECLARES.search(place, unit.start, unit.end)):
            continue
        if unit.closed or not (unit.name in chosen and chosen[unit.name].closed):
            chosen[unit.name] = unit
    return set(chosen.values())


def _without_prose(place: str, units: list[_Unit], top: str) -> str:
    """Modules as they stand; between them only directives and declarations survive."""
    pieces, position = [], 0
    chosen = _chosen(place, units, top)
    for unit in units:
        pieces.append(_outside(place[position : unit.start]))
        if unit in chosen:
            pieces.append(place[unit.start : unit.end])
        position = unit.end
    pieces.append(_outside(place[position:], directives_only=True))
    return "\n".join(piece for piece in pieces if piece)


def _outside(text: str, directives_only: bool = False) -> str:
    """What may stand outside of modules in earnest: directives, typedefs, functions, imports."""
    kept: list[str] = []
    ends = {word: f"end{word}" for word in ("function", "task") if f"end{word}" in text}
    until, depth, continued = "", 0, False
    for line in text.split("\n"):
        if not until:
            if continued or _DIRECTIVE.match(line):
                kept.append(line)
                continued = line.endswith("\\")
                continue
            found = None if directives_only else _DECLARATION.match(line)
            if found is None or (found[1] and found[1] not in ends):
                continue
            until, depth = ends[found[1]] if found[1] else ";", 0
        kept.append(line)
        depth += line.count("{") - line.count("}")
        if until in line and depth <= 0:
            until = ""
    return "\n".join(kept)


def _continue_header(text: str, header: str, top: str) -> str | None:
    """The header, the text up to its endmodule, and helper modules behind it."""
    marked = _marked(text) or [text.split("[DONE]")[0]]
    text = next((inside for inside in marked if _first_endmodule(inside)), marked[0])
    blocks = _fenced(text)
    closed = [block for block in blocks if _ends_a_module(block)]
    body = (closed or [block for block in blocks if not _units(block)] or blocks or [text])[-1]
    before = text[: fence.start()] if (fence := _FENCE.search(text)) else ""
    if _ends_a_module(before):
        body = before  # the prompt opened the fence
    if header.rstrip().endswith(");"):
        body = re.sub(r"\A\s*\)\s*;", "", body)  # the end of the header once more
    units = _units(body)
    end = _first_endmodule(body)
    if units and (end is None or end > units[0].start):
        return None  # the text defines modules of its own, and none is the wanted one
    if end is None:
        return f"{header.rstrip()}\n{body.rstrip()}\nendmodule\n"
    words = set(re.findall(r"[A-Za-z_][\w$]*", body[:end]))
    helpers = [
        body[unit.start : unit.end]
        for unit in units
        if unit.closed and unit.name != top and unit.name in words
    ]
    return "\n".join([f"{header.rstrip()}\n{body[:end]}", *helpers, ""])


def _ends_a_module(text: str) -> bool:
    """True when the text ends a module before it begins one."""
    end = _first_endmodule(text)
    return end is not None and not any(unit.start < end for unit in _units(text))


def _first_endmodule(text: str) -> int | None:
    """Where the first endmodule that is no comment or string ends."""
    return next((m.end() for m in _TOKEN.finditer(text) if m[0] == "endmodule"), None)
