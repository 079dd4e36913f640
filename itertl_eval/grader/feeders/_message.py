"""What a grading process and its owner say to each other, in lines of JSON."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from itertl_eval._util.wire import dump, read
from itertl_eval.errors import InfrastructureError, ItertlError, UsageError
from itertl_eval.grader._item import Item
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

SLOTS = 256
"""How many problems a grading process remembers. A sample names its problem by the slot."""

_PROBLEM = [field.name for field in fields(Problem)]
_ITEM = [field.name for field in fields(Item) if field.name != "problem"]
_ERRORS: dict[str, type[ItertlError]] = {
    kind.__name__: kind for kind in (UsageError, InfrastructureError)
}


class GradingError(Exception):
    """An unexpected error in a grading process."""


class LineReader:
    """Puts lines together from the pieces in which they arrive. Takes linear time."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []

    def lines(self, data: bytes) -> list[bytes]:
        """Return the lines that end in a piece."""
        *lines, rest = data.split(b"\n")
        if lines:
            lines[0] = b"".join([*self._begun, lines[0]])
            self._begun.clear()
        if rest:
            self._begun.append(rest)
        return lines


def dump_problem(slot: int, problem: Problem) -> bytes:
    """Return the line that puts a problem into a slot."""
    facts = {name: getattr(problem, name) for name in _PROBLEM}
    return dump({"slot": slot, "problem": facts})


def read_problem(facts: object) -> Problem:
    """Return the problem in such a line. Raises WireError."""
    return read(Problem, facts)


def dump_item(number: int, slot: int, item: Item) -> bytes:
    """Return the line that asks for the verdict of an item whose problem is in a slot."""
    facts = {name: getattr(item, name) for name in _ITEM}
    return dump({"number": number, "slot": slot, "item": facts})


def dump_verdict(number: int, verdict: Verdict) -> bytes:
    """Return the line with the verdict of an item."""
    return dump({"number": number, "verdict": vars(verdict)})


def dump_error(number: int, error: BaseException) -> bytes:
    """Return the line with what grading an item has raised."""
    kind = next((kind.__name__ for kind in _ERRORS.values() if isinstance(error, kind)), "")
    message = str(error) if kind else f"{type(error).__name__}: {error}"
    return dump({"number": number, "error": kind, "message": message[:2000]})


def verdict_of(answer: dict[str, Any]) -> Verdict:
    """Return the verdict in a line, or raise the error in it."""
    if "verdict" in answer:
        return Verdict(**answer["verdict"])
    raise _ERRORS.get(answer["error"], GradingError)(answer["message"])
