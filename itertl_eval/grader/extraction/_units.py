"""Modules, packages and the like in a text that may also hold prose."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

_WORD_STARTS = frozenset(f"{string.ascii_letters}_$")
OPENERS = {"module", "macromodule"}
NAME = re.compile(r"[A-Za-z_][\w$]*+")
_UNITS = {"package": "endpackage", "interface": "endinterface", "primitive": "endprimitive"}
# Linear: no alternative gives back what it took, and each takes what the next would scan.
_SKIPPED = r'//[^\n]*+|/\*(?:.*?\*/|.*\Z)|"(?:\\.|[^"\\\n])*+"?'
_COMMENT_OR_STRING = re.compile(_SKIPPED, re.DOTALL)
_TOKEN = re.compile(rf"{_SKIPPED}|\\\S++|[A-Za-z_$`][\w$]*+", re.DOTALL)
_OTHERS = ("endmodule", *_UNITS, *_UNITS.values())
# Each alternative begins with a character, so that the search skips all others at once.
_KEYWORD = re.compile(
    "|".join(
        [
            _SKIPPED,
            r"\\\S++",
            *(rf"{word}(?<![A-Za-z_$]{word})(?![\w$])" for word in OPENERS),  # also as `code`
            *(rf"{word}(?<![A-Za-z_$`]{word})(?![\w$])" for word in _OTHERS),
        ]
    ),
    re.DOTALL,
)
_BLANK = r"(?:\s++|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
_HEADER = re.compile(
    rf"\w++{_BLANK}++(?:(?:automatic|static){_BLANK}++)?\\?[\w$]++{_BLANK}*+"
    rf"(?:import\b[^;]*+;{_BLANK}*+)*+[#(;]"
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
_PARTS = (
    r"(?:code|logic|implementation|body|design|module|statements?|assignments?|declarations?)\b"
)
_EARLIER = rf"(?:existing|remaining|previous|original|unchanged) {_PARTS}"
# Words such as "same" or "previous" alone aren't here: designs are explained with them.
_OMISSION = re.compile(
    r"(?://|/\*)[\s*]{0,8}(?:\.{3,8}|\u2026)[\s*]{0,8}(?:\*/|$)"
    rf"|\b(?:rest|remainder) of (?:the |your |this )?{_PARTS}"
    r"|\brest (?:is |are |stays? |remains? )?(?:unchanged|the same|as)\b"
    rf"|(?://|/\*)[\s*(.\u2026]{{0,8}}(?:(?:the|all|keep|insert|add|put|with) ){{0,2}}{_EARLIER}"
    r"|\bfor brevity\b",
    re.IGNORECASE | re.MULTILINE,
)
_REFERENCE = re.compile(
    r"(?://|/\*)[\s*(]{0,8}(?:\.\.\.|\u2026)|\b(?:unchanged|omitted|placeholder|todo"
    rf"|(?:as|like|see|from) (?:above|before|earlier|previously|shown)|{_EARLIER}"
    rf"|your {_PARTS}|{_PARTS} (?:goes )?here)\b",
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
    kind, name, start, position = "", "", -1, 0
    for match in _keywords(text, len(text)):
        if match.start() < position:
            continue
        word = match[0]
        if word in OPENERS or (word in _UNITS and not kind):
            if kind:
                found.append(Unit(kind, name, start, match.start(), False))
            kind, name, start, position = _opened(text, match)
        elif kind and word == _UNITS.get(kind, "endmodule"):
            found.append(Unit(kind, name, start, match.end(), True))
            kind = ""
    if kind:
        found.append(Unit(kind, name, start, len(text), False))
    # A sentence may mention "the module top"; a header has "(", "#" or ";" after the name.
    return [unit for unit in found if _HEADER.match(text, unit.start, unit.end)]


def _keywords(text: str, end: int) -> Iterator[re.Match[str]]:
    """Yield the keywords of units before `end` that are outside comments and strings."""
    position = 0
    for match in _KEYWORD.finditer(text, 0, end):
        if match[0].isalpha() and not _continues_word(text, position, match.start()):
            yield match
        position = match.end()


def _continues_word(text: str, after: int, start: int) -> bool:
    """Return whether what is at `start` belongs to a word from before; a number is not a word."""
    for at in range(start - 1, after - 1, -1):
        if text[at] in _WORD_STARTS:
            return True
        if not text[at].isalnum():
            break
    return False


def _opened(text: str, keyword: re.Match[str]) -> tuple[str, str, int, int]:
    """Return kind, name and start of the unit that a keyword opens, and where its name ends."""
    kind, start = keyword[0], keyword.start()
    for match in _TOKEN.finditer(text, keyword.end()):
        word = match[0]
        if word in OPENERS:  # "here is the module:" before the module
            kind, start = word, match.start()
        elif word[0] not in '/"' and word not in ("automatic", "static"):
            return kind, word.lstrip("\\"), start, match.end()
    return kind, "", start, len(text)


def first_endmodule(text: str, end: int | None = None) -> int | None:
    """Return where the first endmodule outside comments and strings ends, before `end`."""
    found = _keywords(text, len(text) if end is None else end)
    return next((match.end() for match in found if match[0] == "endmodule"), None)


def declares(text: str, unit: Unit) -> bool:
    """Tell whether a unit declares anything, which a sentence that mentions a module doesn't."""
    return _DECLARES.search(text, unit.start, unit.end) is not None


@dataclass(frozen=True)
class Body:
    """How much of a design a closed module holds.

    Attributes:
        code: The module without comments, its strings empty.
        comments: The comments.
    """

    code: str
    comments: str

    def logic(self) -> Iterator[int]:
        """Yield the length of each statement without blanks; declarations are left out."""
        for statement in self.code.removesuffix("endmodule").split(";")[1:]:
            plain = "".join(statement.split())
            if plain and plain[0] not in "(#." and not _DECLARED.match(statement):
                yield len(plain)

    @property
    def gap(self) -> bool:
        """Whether the code has a hole (`...`), so that it can't compile."""
        return "..." in self.code or "\u2026" in self.code

    @property
    def doubt(self) -> float:
        """The share of another module's logic below which this is a sketch of that module.

        It is 1 if a comment says that something is left out, and 0 if none points elsewhere. A
        comment that may do either ("as above") needs more evidence: half of the logic is missing.
        """
        if _OMISSION.search(self.comments):
            return 1
        return 0.5 if _REFERENCE.search(self.comments) else 0


def body_of(text: str, unit: Unit) -> Body:
    """Return a module without what surrounds it: a sketch repeats a header and leaves out logic."""
    comments: list[str] = []

    def blank(match: re.Match[str]) -> str:
        if match[0][0] != "/":
            return '""'
        comments.append(match[0])
        return " "

    code = _COMMENT_OR_STRING.sub(blank, text[unit.start : unit.end])
    return Body(code, "\n".join(comments))
