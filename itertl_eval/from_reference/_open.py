"""What a specification leaves open, and what a testbench must therefore not look at."""

from __future__ import annotations

import re
from collections.abc import Sequence

from itertl_eval.from_reference._stimulus import Block, Item
from itertl_eval.from_reference._table import Captured, steps_of
from itertl_eval.from_reference.circuit import Circuit, Reset, is_called_reset
from itertl_eval.problem import Port, Problem

_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)|\n\s*(?=[-*#|\n]|\d+[.)])")
_WORD = re.compile(r"[a-z0-9]+|[,:()]")
_STYLE = re.compile(r"a?sync(h|hronous(ly)?)?")
_RESET = re.compile(r"\w*(reset|rst|clr|clear)\w*|(pre)?set|sets")
_BEFORE = re.compile(  # between "synchronous" and "reset"
    r"\d+|bits?|active|positive|negative|high|low|edge|level|triggered|master|global|system|power|on"
)
_BEHIND = re.compile(  # between "reset" and "synchronous"
    rf"{_BEFORE.pattern}|[a-z]|is|are|be|was|an|the|its|all|both|to|zeros?|which|that|should|must|will"
    r"|shall|happens?|occurs?|works?|acts?|applied|asserted|inputs?|signals?|pins?|ports?|lines?"
    r"|counter|count|registers?|outputs?|value|states?|flip|flops?"
)
_NO_NOUN = re.compile(r"[,:()]|to|with|and|or|active|input|signal")
_PRIORITY = re.compile(
    r"prior(?:ity|iti)|preceden|overrid|overrul|domina[nt]|simultan|same time|even (?:if|when)|"
    r"(?:else|otherwise),?\s+(?:if|when)|\bwins?\b",
    re.IGNORECASE,
)
_FAR = 8
"""How many words may stand between them."""
_ONE_HOT = re.compile(r"one[- ]?hot", re.IGNORECASE)
_ONE_HOT_NOUN = (
    r"(?:encoded|coded|select(?:ion|or)?|control|input|signal|vector|code|bus|line|\d+|bits?)"
)
_ONE_HOT_LINK = (
    rf"(?:{_ONE_HOT_NOUN}|is|are|be|an?|the|as|which|that|must|will|always|wide|guaranteed to)"
)
_OTHER_VALUES = re.compile(  # then the text says what the design does with them
    r"not\s+(?:\w+\s+){0,2}one[- ]?hot|other(?:wise| value)|default|invalid|illegal|any other|"
    r"no bit|none of|all zero|multiple|more than one",
    re.IGNORECASE,
)
_STATE_NAME = re.compile(r"state", re.IGNORECASE)
_STATE_LETTER = re.compile(r"^[sy]$|^cur", re.IGNORECASE)  # if the text speaks of states


def one_hot_inputs(problem: Problem) -> frozenset[str]:
    """The inputs that the description calls one-hot: they take no other values."""
    text = problem.prompt.text
    if not _ONE_HOT.search(text):
        return frozenset()
    states = frozenset(p.name for p in problem.inputs if _is_state(p, problem.outputs, text))
    if _OTHER_VALUES.search(text):
        return states
    wide = [port.name for port in problem.inputs if port.width > 1]
    return states | {name for name in wide if _is_called_one_hot(name, text)}


def _is_state(port: Port, outputs: Sequence[Port], text: str) -> bool:
    """Whether an input seems to hold the state of a one-hot machine, not a number to decode."""
    name = _STATE_NAME.search(port.name) or (
        _STATE_LETTER.search(port.name) and _STATE_NAME.search(text)
    )
    decoded = any(output.width == 1 << port.width for output in outputs)
    return name is not None and port.width > 2 and not decoded


def _is_called_one_hot(name: str, text: str) -> bool:
    """Whether "one-hot" stands next to an input, as in "`pick` is one-hot"."""
    bare = rf"(?<!\w){re.escape(name)}(?!\w)"
    word = bare if len(name) > 2 else rf"[`'\"]{bare}[`'\"]"  # "in a one-hot code"
    one_hot, gap = _ONE_HOT.pattern, r"[^\w,.;\n]{1,4}"
    behind = rf"{one_hot}{gap}(?:{_ONE_HOT_NOUN}{gap})*{word}"
    before = rf"{word}(?:\[[\d:]+\])?{gap}(?:{_ONE_HOT_LINK}{gap})+{one_hot}"
    colon = rf"{bare}[`'\"]?\s*(?:\[[\d:]+\])?\s*[:(]\s*{one_hot}"
    return re.search(f"{behind}|{before}|{colon}", text, re.IGNORECASE) is not None


def open_resets(problem: Problem, circuit: Circuit) -> list[Reset]:
    """The resets of which the description does not say whether they wait for the clock.

    An enable that clears a register is none of them, so that what it gates is compared.
    """
    text = problem.prompt.text
    if not circuit.clocks or _names_style(text):
        return []
    return [r for r in circuit.resets if r.asynchronous or is_called_reset(r.name, text)]


def rival_resets(problem: Problem, circuit: Circuit) -> frozenset[str]:
    """The resets of one clock of which the description does not say which one wins."""
    text = problem.prompt.text
    found = [r for r in circuit.resets if is_called_reset(r.name, text)]
    if len(circuit.clocks) != 1 or len(found) < 2 or _PRIORITY.search(text):
        return frozenset()
    names = "|".join(re.escape(r.name) for r in found)
    levels = "|".join(sorted({"1|high" if r.active else "0|low" for r in found}))
    said = re.search(
        rf"(?:regardless|irrespective|independent)[^.\n]*(?<!\w)(?:{names})(?!\w)|"
        rf"\bboth\b[^.\n]{{0,60}}\b(?:asserted|active|{levels})\b|"
        rf"(?<!\w)(?:{names})\W{{1,3}}(?:(?:input|signal)\s+)?(?:is ignored|has no effect)",
        text,
        re.IGNORECASE,
    )
    return frozenset() if said else frozenset(r.name for r in found)


def _names_style(text: str) -> bool:
    """Whether "synchronous" or "asynchronous" is said of a reset, and not of a counter alone."""
    for sentence in _SENTENCE_END.split(text.lower()):
        words = _WORD.findall(sentence)
        for at, word in enumerate(words):
            if _STYLE.fullmatch(word):
                behind = words[at + 1 :]
                if _reset_comes(behind, _BEFORE):
                    return True
                # "It resets the synchronous counter" does not say how.
                alone = word.endswith("ly") or not behind or _NO_NOUN.fullmatch(behind[0])
                if alone and _reset_comes(words[:at][::-1], _BEHIND):
                    return True
    return False


def _reset_comes(words: Sequence[str], between: re.Pattern[str]) -> bool:
    """Whether a word for a reset follows some that only describe it."""
    for word in [word for word in words if word.isalnum()][: _FAR + 1]:
        if _RESET.fullmatch(word):
            return True
        if not between.fullmatch(word):
            return False
    return False


def outside_waiting(
    circuit: Circuit, resets: Sequence[Reset], blocks: Sequence[Block], seen: list[Captured]
) -> list[Captured]:
    """`seen` without what shows from the start of a reset to the next edge of each clock.

    After a reset that ends before, nothing is compared until the same one lasts so long.
    """
    return [
        _without_waiting(circuit, resets, block, captured)
        for block, captured in zip(blocks, seen, strict=True)
    ]


def _without_waiting(
    circuit: Circuit, resets: Sequence[Reset], block: Block, captured: Captured
) -> Captured:
    kept: Captured = []
    held: set[str] = set()
    missing: dict[str, set[str]] = {}  # the clocks without an edge in the last of each reset
    previous = -1
    for (index, step), known in zip(steps_of(circuit, block.items), captured, strict=True):
        if index != previous:
            inputs = block.items[index].inputs
            active = {r.name for r in resets if inputs[r.name] == r.active}
            missing |= {name: set(circuit.clocks) for name in active - held}
            lasting, held, previous = active & held, active, index
        if step == "last":
            ticked = _ticked(circuit, block.items, index)
            # A clock that is driven like an input may rise together with a reset that begins.
            for name in active if len(circuit.clocks) == 1 else lasting:
                missing[name] -= ticked
        kept.append((0, 0) if any(missing.values()) else known)
    return kept


def _ticked(circuit: Circuit, items: Sequence[Item], index: int) -> set[str]:
    """The clocks with an active edge in an item; several clocks are inputs like others."""
    if len(circuit.clocks) == 1:
        return set() if items[index].kind == "hold" else set(circuit.clocks)
    if index == 0:
        return set()
    edges = {(0, 1): ("rising", "both"), (1, 0): ("falling", "both")}
    before, now = items[index - 1].inputs, items[index].inputs
    return {c for c, e in circuit.clocks.items() if e in edges.get((before[c], now[c]), ())}


__all__ = ["one_hot_inputs", "open_resets", "outside_waiting", "rival_resets"]
