"""Find the design in a completion.

The rules, in order: thoughts are dropped; code is searched between [BEGIN] and [DONE], then in
fences, then in the bare text. The last place that defines the module wins. A definition that
quotes only the header, leaves a gap (...) or says in a comment that logic is left out only counts
if there is no complete one. Helper modules, packages, macros and types come along from anywhere;
prose and testbenches don't. Where the prompt ended in a module header, text without that module
continues the header. A module with another name is reported, never renamed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from itertl_eval.grader.extraction._definitions import with_definitions
from itertl_eval.grader.extraction._encodings import (
    decoded,
    json_inside,
    plain_characters,
    without_entities,
    without_special_tokens,
)
from itertl_eval.grader.extraction._hints import hint
from itertl_eval.grader.extraction._places import before_fences, fenced, marked, places
from itertl_eval.grader.extraction._prose import outside, without_prose
from itertl_eval.grader.extraction._thoughts import without_thoughts
from itertl_eval.grader.extraction._units import (
    NAME,
    OPENERS,
    Body,
    Unit,
    body_of,
    first_endmodule,
    units_of,
)

MAX_LENGTH = 2_000_000
"""The longest completion that is searched, in characters: the time that a search takes grows with
it, and the longest contexts of models have fewer."""
_STATEMENT = re.compile(r"\b(?:assign|always|always_(?:comb|ff|latch)|initial|generate)\b|<=")


@dataclass(frozen=True)
class Extraction:
    """The result of a search.

    Attributes:
        code: What is compiled, None if there is no design.
        problem: Why there is no design.
        files: The files of a design that consists of files, by path.
    """

    code: str | None
    problem: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Candidate:
    """A definition of the module in a place, which also holds `units`."""

    place: str
    units: list[Unit]
    top: Unit
    body: Body

    @property
    def complete(self) -> bool:
        return self.top.closed and self.has_logic and not self.body.gap

    @property
    def has_logic(self) -> bool:
        return any(self.body.logic())


def extract(completion: str, top: str, header: str = "", known: Collection[str] = ()) -> Extraction:
    """Return the design in a completion; see the module's docstring. Takes linear time.

    Args:
        completion: What the model wrote.
        top: The name of the module.
        header: The module header at the end of the prompt, which the completion may continue.
        known: Modules that are there without the completion, so that no helper has to be found.
    """
    if len(completion) > MAX_LENGTH:
        return Extraction(
            None, f"the completion has {len(completion)} characters; the limit is {MAX_LENGTH}"
        )
    text, unclosed = without_thoughts(plain_characters(completion))
    text = without_special_tokens(decoded(text))
    if not text.strip():
        return Extraction(None, _why_empty(completion, unclosed))
    other_names: list[str] = []
    found, source = _best(text, top, header, other_names), text
    if found is None:
        source = json_inside(text)
        found = _best(source, top, header, other_names)
    code = None
    if header and (found is None or not found.has_logic):
        code = _continue_header(text, header, top)
    if code is None and found is not None:
        code = without_prose(found.place, found.units, found.top)
        code = _with_helpers(code, fenced(source), {*known, *(unit.name for unit in found.units)})
    if code is not None:
        return Extraction(without_entities(code))
    if unclosed:
        return Extraction(None, _why_empty(completion, unclosed))
    if other_names:
        names = ", ".join(dict.fromkeys(name or "(no name)" for name in other_names))
        return Extraction(None, f"no module named {top}; the completion defines {names}")
    return Extraction(None, f"no module named {top} in the completion{hint(text)}")


def _why_empty(completion: str, unclosed: str) -> str:
    if unclosed:
        return f"the completion ends inside its thoughts: {unclosed[:40]} is never closed"
    if without_special_tokens(plain_characters(completion)).strip():
        return "the completion holds nothing but thoughts: it is empty after them"
    return "the completion is empty"


def _best(text: str, top: str, header: str, other_names: list[str]) -> _Candidate | None:
    """Return the definition of the module that counts, and collect the names of other modules."""
    first: _Candidate | None = None
    doubtful: _Candidate | None = None
    continued = ""
    for place in places(text):
        units = units_of(place)
        tops = [unit for unit in units if unit.name == top and unit.kind in OPENERS]
        if header and _ends_a_module(place, units):
            continued, tops = continued or place, []
        if not tops:
            other_names += [unit.name for unit in units if unit.kind in OPENERS]
            continue
        if continued and continued in place:
            continue  # a quoted header, and what continues the prompt's behind it
        for unit in sorted(tops, key=lambda unit: (not unit.closed, -unit.start)):
            found = _Candidate(place, units, unit, body_of(place, unit))
            first = first or found
            if not found.complete:
                continue
            if not found.body.doubt:
                if doubtful is None or _is_sketch(doubtful.body, found.body):
                    return found
                return doubtful
            doubtful = doubtful or found
    return doubtful or (None if continued else first)


def _is_sketch(body: Body, earlier: Body) -> bool:
    return sum(body.logic()) < body.doubt * sum(earlier.logic())


def _with_helpers(code: str, places: list[str], known: Collection[str]) -> str:
    """Add to the code what it uses and the places define, except for modules that are known."""
    blocks = [(place, units_of(place)) for place in places]
    elsewhere = {
        unit.name: (unit.kind, place[unit.start : unit.end])
        for place, units in blocks
        for unit in units
        if unit.closed and unit.name not in known
    }
    order = {name: number for number, name in enumerate(elsewhere)}
    before: list[list[str]] = []
    after: list[str] = []
    new = [code]
    while new and elsewhere:  # helpers of helpers too
        words = {word for part in new for word in NAME.findall(part) if word in elsewhere}
        helpers = [elsewhere.pop(name) for name in sorted(words, key=order.__getitem__)]
        before.append([unit for kind, unit in helpers if kind not in OPENERS])
        after += [unit for kind, unit in helpers if kind in OPENERS]
        new = [unit for _, unit in helpers]
    whole = "\n".join([*(unit for group in reversed(before) for unit in group), code, *after])
    return with_definitions(whole, [outside(place, units) for place, units in blocks])


def _continue_header(text: str, header: str, top: str) -> str | None:
    """Return the header, the text up to its endmodule, and what it uses of the rest."""
    parts = [decoded(part) for part in marked(text) if ";" in part]  # no words between the marks
    parts = parts or [text if "[BEGIN]" in text else text.split("[DONE]")[0]]
    text = next((part for part in parts if first_endmodule(part)), parts[0])
    blocks = fenced(text)
    closed = [block for block in blocks if _ends_a_module(block, units_of(block))]
    body = (closed or _bodies(blocks, top) or blocks or [text])[-1]
    before = before_fences(text)
    if _ends_a_module(before, units_of(before)):
        body = before  # the prompt opened the fence
    if header.rstrip().endswith(");"):
        body = re.sub(r"\A\s*+\)\s*+;", "", body)  # the end of the header once more
    units = units_of(body)
    end = first_endmodule(body)
    if units and (end is None or end > units[0].start):
        return None  # the text defines modules, but not this one
    own = body[:end] if end else f"{body.rstrip()}\nendmodule"
    behind = body[end:] if end else ""
    return _with_helpers(f"{header.rstrip()}\n{own}\n", [*blocks, behind], {top})


def _bodies(blocks: list[str], top: str) -> list[str]:
    """Return the blocks that may be a body: rather no truth table and no example of its use."""
    plain = [block for block in blocks if not units_of(block)]
    use = re.compile(rf"(?<![\w$]){re.escape(top)}\s++(?:#|\w++\s*+\()")
    return [b for b in plain if _STATEMENT.search(b) and not use.search(b)] or plain


def _ends_a_module(text: str, units: list[Unit]) -> bool:
    """Tell whether a text ends a module before it begins one, and not just in a sentence."""
    end = first_endmodule(text, min((unit.start for unit in units), default=None))
    return end is not None and ";" in text[:end]
