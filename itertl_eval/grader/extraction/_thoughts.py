"""Thoughts: what a reasoning model writes before its answer.

Models mark them in many ways: `<think>`, `[THINK]`, `<seed:think>`, `<|begin_of_thought|>`,
`<|START_THINKING|>`, channels, and others. A mark is recognized by its brackets and by a word in
it. Channels may also have lost their brackets, because a decoder removed the special tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from itertl_eval.grader.extraction._places import fenced
from itertl_eval.grader.extraction._units import units_of

_WORD = re.compile(
    r"\w*think(?:ing)?|thoughts?|reason(?:ing)?|rationale|analysis|reflection|scratchpad|cot|inner"
    r"|deliberation|monologue|(?:unused94|unused95)"
)
_DETAILS = re.compile(r"thinking|thoughts?|reasoning")
"""Fewer words: a summary such as "Design analysis" belongs to the design."""
_END = re.compile(r"(?:end|stop|close)(?:of)?(?:think(?:ing)?|thoughts?|reason(?:ing)?)")
_ENDS = {"end", "stop", "close", "suffix", "unused95"}
_ANSWERS = {"answer", "solution", "response"}
# Each quantifier is bounded, or can't give back what it took: the scan is linear.
_MARK = re.compile(
    r"""
    <\|channel\|?>\s{0,4}(?P<channel>\w{1,20})[^<]{0,60}(?:<\|message\|>)?
    |(?P<channel_end><\|end\|>|<channel\|>)
    |<\|im_start\|>\s{0,2}(?P<role>[a-z]{1,20})
    |(?P<details></?details\b[^<>\n]{0,200}>(?:\s{0,4}<summary>[^<\n]{0,100})?)
    |<(?P<xml>/?[a-z][\w:.-]{0,39}+)
        (?:\s{1,4}+[a-z][\w:-]{0,39}+(?:=(?:"[^"<>\n]{0,80}+"|'[^'<>\n]{0,80}+'|[^"'<>\s]{1,80}+))?+){0,8}+
        \s{0,4}+(?<!/)>
    |<[|\uff5c](?P<special>/?[\w\ \u2581:.-]{1,40})[|\uff5c]>
    |(?:(?<![\w\]$])|(?<=/INST\]))\[(?P<square>/?(?-i:[A-Z_]{0,20}TH(?:INK|OUGHT)[A-Z_]{0,20}))\]
    |[\u25c1\u27e8\u3010](?P<wide>/?\w{0,20}th(?:ink|ought)\w{0,20})[\u25b7\u27e9\u3011]
    |(?P<bare_final>assistantfinal)
    |\A\s*+(?P<bare_channel>analysis|commentary)(?-i:(?=[A-Z]))
    |\A\s*+(?P<prose>here(?:'s|\ is)\ my\ thought\ process:)
    |(?P<prose_end>here(?:'s|\ is)\ my\ response:)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BRACKET = re.compile(
    r"<(?=[|\uff5ca-zA-Z/])|\[(?=/?[A-Z_]{0,20}TH(?:INK|OUGHT))|\u25c1|\u27e8|\u3010"
)
"""How a mark begins that has brackets. Fast: each alternative begins with a rare character."""
_WORDS = re.compile(r"assistantfinal|here(?:'s| is) my response:", re.IGNORECASE)
"""The marks without brackets that need not begin the text."""


def without_thoughts(text: str) -> tuple[str, str]:
    """Drop all thoughts from a text.

    A closing mark without an opening one means that the prompt opened the thoughts. But after
    thoughts that were closed already, one at the end, directly behind a fenced module, is stray.

    Returns:
        The rest, and the mark of a thought that is never closed ("" if there is none).
    """
    kept: list[str] = []
    dropped: list[str] = []
    opened, outside_from, opened_from, closed = "", 0, 0, False
    kind_opened = ""
    for match in _marks(text):
        kind, effect = _effect(text, match)
        if effect == "open" and not opened:
            kept += [text[outside_from : match.start()], "\n"]
            opened, kind_opened, opened_from = match[0].strip(), kind, match.start()
        elif effect == "final" or (effect == "close" and not opened and kind == "mark"):
            dropped = [*kept, text[outside_from : match.start()]] if closed else []
            kept, opened, outside_from = [], "", match.end()
        elif opened and (effect in ("close", "answer") and kind in (kind_opened, "mark")):
            opened, outside_from, closed = "", match.end(), True
    if opened and kind_opened == "prose" and _ends_in_a_module(text[opened_from:]):
        opened, outside_from = "", opened_from  # an introduction: nothing is cut off
    if not opened:
        kept.append(text[outside_from:])
    rest = "".join(kept)
    if not (opened or rest.strip()) and _ends_in_a_module(before := "".join(dropped)):
        return before, ""
    return rest, opened


def _ends_in_a_module(text: str) -> bool:
    """Tell whether a text ends with a fence that holds a whole module."""
    text = text.rstrip()
    if not text.endswith(("```", "~~~")):
        return False
    return any(unit.closed for block in fenced(text)[-1:] for unit in units_of(block))


def _marks(text: str) -> Iterator[re.Match[str]]:
    """Yield what `_MARK` finds, without trying all its alternatives at each character."""
    end = 0
    if (match := _MARK.match(text)) is not None:
        yield match
        end = match.end()
    starts = [match.start() for match in _BRACKET.finditer(text)]
    lower = text.lower()
    if "assistantfinal" in lower or "my response:" in lower:
        starts = sorted([*starts, *(match.start() for match in _WORDS.finditer(text))])
    for start in starts:
        if start >= end and (match := _MARK.match(text, start)) is not None:
            yield match
            end = match.end()


def unclosed_mark(text: str) -> str:
    """Return the mark of the thoughts in which a text ends, or "" if it ends outside."""
    return without_thoughts(text)[1]


def opening_mark(prompt: str) -> str:
    """Return the mark with which a prompt opens the thoughts of a model, or "" if it doesn't."""
    tail = prompt.rstrip()
    for match in _MARK.finditer(tail, max(0, len(tail) - 200)):
        if match.end() == len(tail) and _effect(tail, match)[1] == "open":
            return match[0].strip()
    return ""


def closes_thoughts(token: str) -> bool:
    """Tell whether a token is a mark that closes thoughts."""
    match = _MARK.fullmatch(token)
    return match is not None and _effect(token, match) == ("mark", "close")


def _effect(text: str, match: re.Match[str]) -> tuple[str, str]:
    """Return a mark's kind, and whether it opens or closes thoughts or begins the answer."""
    name = match[match.lastgroup or 0].lower()
    match match.lastgroup:
        case "channel":
            return "channel", "final" if name == "final" else "open"
        case "channel_end":
            return "channel", "close"
        case "bare_final":
            return "channel", "final"
        case "bare_channel":
            return "channel", "open"
        case "prose":
            return "prose", "open"
        case "prose_end":
            return "prose", "close"
        case "role":
            return "role", "open" if _WORD.fullmatch(name) else "answer"
        case "details":
            if name.startswith("</"):
                return "details", "close"
            words = re.findall(r"[a-z]+", name)
            return "details", "open" if any(map(_DETAILS.fullmatch, words)) else ""
    words = re.findall(r"[a-z]+[0-9]*", name)
    if any(map(_END.fullmatch, words)):
        return "mark", "close"
    if any(map(_WORD.fullmatch, words)):
        return "mark", "close" if name.startswith("/") or _ENDS.intersection(words) else "open"
    answers = _ANSWERS.intersection(words) and not name.startswith("/")
    if not answers or _ENDS.intersection(words) or not _begins_line(text, match.start()):
        return "mark", ""
    return "mark", "answer"


def _begins_line(text: str, position: int) -> bool:
    before = text[max(0, position - 8) : position]
    return not before.rpartition("\n")[2].strip() and ("\n" in before or position <= 8)
