"""Modules, packages and the like in a text that may also hold prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Linear: no alternative gives back what it took, and each takes what the next would scan.
_TOKEN = re.compile(
    r'//[^\n]*+|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*+"?|\\\S++|[A-Za-z_$`][\w$]*+', re.DOTALL
)
_COMMENT_OR_STRING = re.compile(r'//[^\n]*+|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*+"?', re.DOTALL)
OPENERS = {"module", "macromodule"}
_UNITS = {"package": "endpackage", "interface": "endinterface", "primitive": "endprimitive"}
_HEADER = re.compile(
    r"\w++\s++(?:(?:automatic|static)\s++)?\\?[\w$]++\s*+(?:import\b[^;]*+;\s*+)?[#(;]"
)
_DECLARES = re.compile(
    r"(?:^|[(,;])[ \t]*+(?:input|output|inout|wire|reg|logic|parameter|localparam|assign|always\w*"
    r"|initial)\b",
    re.MULTILINE,
)
_DECLARED = re.compile(
    r"\s*+(?:input|output|inout|wire|reg|logic|tri|integer|int|bit|byte|genvar|parameter"
    r"|localparam|typedef|import|timeunit|timeprecision)\b[^=]*+\Z"
)
_GAP = re.compile(r"\.\.\.|\u2026")
_OMISSION = re.compile(
    r"\.\.\.|\u2026|\b(?:same|unchanged|existing|previous(?:ly)?|omitted|rest|remain(?:s|ing|der)?"
    r"|(?:as|like|see|from) (?:above|before|earlier|shown)|your (?:code|logic)|placeholder"
    r"|(?:code|logic|implementation|body|statements?) (?:goes )?here|todo|etc)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unit:
    """A module or package in a text: `text[start:end]`. `closed` says that its end is there."""

    kind: str
    name: str
    start: int
    end: int
    closed: bool


def units_of(text: str) -> list[Unit]:
    """Return the units of a text, in order; nested or unclosed ones end where the next begins."""
    found: list[Unit] = []
    open_kind, open_name, open_at = "", "", -1
    expect_name = False
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word[0] in '/"' or (word[0] == "\\" and not expect_name):
            continue
        if expect_name:
            if word in ("automatic", "static"):
                continue
            if word in OPENERS:  # "here is the module:" before the module
                open_kind, open_at = word, match.start()
                continue
            open_name, expect_name = word.lstrip("\\"), False
            continue
        if word in OPENERS or (word in _UNITS and not open_kind):
            if open_kind:
                found.append(Unit(open_kind, open_name, open_at, match.start(), False))
            open_kind, open_name, open_at, expect_name = word, "", match.start(), True
        elif open_kind and word == _UNITS.get(open_kind, "endmodule"):
            found.append(Unit(open_kind, open_name, open_at, match.end(), True))
            open_kind = ""
    if open_kind:
        found.append(Unit(open_kind, open_name, open_at, len(text), False))
    # A sentence may mention "the module top"; a header has "(", "#" or ";" after the name.
    return [unit for unit in found if _HEADER.match(text, unit.start, unit.end)]


def first_endmodule(text: str, end: int | None = None) -> int | None:
    """Return where the first endmodule outside comments and strings ends, before `end`."""
    tokens = _TOKEN.finditer(text, 0, len(text) if end is None else end)
    return next((match.end() for match in tokens if match[0] == "endmodule"), None)


def declares(text: str, unit: Unit) -> bool:
    """Tell whether a unit declares anything, which a sentence that mentions a module doesn't."""
    return _DECLARES.search(text, unit.start, unit.end) is not None


@dataclass(frozen=True)
class Body:
    """How much of a design a closed module holds.

    Attributes:
        logic: The number of characters of logic, without comments, blanks and declarations.
        gap: Whether the code has a hole (`...`), so that it can't compile.
        omission: Whether a comment says that something is left out.
    """

    logic: int
    gap: bool
    omission: bool


def body_of(text: str, unit: Unit) -> Body:
    """Measure a module: a sketch repeats a header and leaves out logic."""
    module = text[unit.start : unit.end]
    comments = "\n".join(_comments(module))
    code = _COMMENT_OR_STRING.sub(lambda match: " " if match[0][0] == "/" else '""', module)
    statements = code.removesuffix("endmodule").split(";")[1:]
    logic = 0
    for statement in statements:
        plain = "".join(statement.split())
        if plain and plain[0] not in "(#." and not _DECLARED.match(statement):
            logic += len(plain)
    return Body(logic, bool(_GAP.search(code)), bool(_OMISSION.search(comments)))


def _comments(text: str) -> Iterator[str]:
    return (m[0] for m in _COMMENT_OR_STRING.finditer(text) if m[0][0] == "/")
