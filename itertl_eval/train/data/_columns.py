"""Recognise the forms in which data sets write an instruction and its reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from itertl_eval.errors import UsageError

KNOWN = (
    ("Instruction", "Response", "Input"),
    ("instruction", "output", "input"),
    ("instruction", "response", "input"),
    ("prompt", "completion", None),
)
"""Columns of the instruction, the reference and an optional input."""
CONVERSATIONS = ("messages", "conversations")
SCORE = "Score"
_ROLES = {"human": "user", "gpt": "assistant"}
"""ShareGPT's names of the roles."""


@dataclass(frozen=True)
class Columns:
    """Column names of a source.

    `score`, if any, holds one number per response. `messages` holds a whole conversation, in
    place of `instruction` and `reference`.
    """

    instruction: str = ""
    reference: str = ""
    input: str | None = None
    score: str | None = None
    messages: str | None = None


@dataclass(frozen=True)
class Entry:
    """The texts of a row. The last response is the reference, the others are candidates."""

    instruction: str
    responses: list[Any]
    system: str = ""


def mapping(names: Sequence[str]) -> Columns:
    """Return the columns of `name=COLUMN` words. Raises UsageError for any other word."""
    pairs = dict(entry.partition("=")[::2] for entry in names)
    needed = {"instruction", "reference"}
    if set(pairs) != {"messages"} and not needed <= set(pairs) <= needed | {"input", "score"}:
        raise UsageError(
            "field_names (--field): write instruction=COLUMN reference=COLUMN [input=COLUMN] "
            "[score=COLUMN], or messages=COLUMN"
        )
    return Columns(**pairs)


def guess(row: dict[str, Any]) -> Columns:
    """Return the columns of a known form.

    Raises:
        ValueError: The row has none; names the column that is missing.
    """
    for name in CONVERSATIONS:
        if isinstance(row.get(name), list):
            return Columns(messages=name)
    for instruction, reference, extra in KNOWN:
        if instruction in row and reference in row:
            return Columns(
                instruction,
                reference,
                extra if extra in row else None,
                SCORE if SCORE in row else None,
            )
    forms = [(one, other) for one, other, _ in KNOWN]
    half = [form for form in forms if set(form) & set(row)]
    absent = " or ".join(repr(name) for form in half for name in form if name not in row)
    what = f"there is no column {absent}" if half else "the columns are of no known form"
    raise ValueError(f"{what}; the row has {_names(row)}. Name them by field_names (--field)")


def entry_of(row: dict[str, Any], columns: Columns) -> Entry:
    """Return the texts of a row.

    Raises:
        ValueError: A column is missing or holds something else.
    """
    if columns.messages:
        return _conversation(_column(row, columns.messages), columns.messages)
    text, reference = _column(row, columns.instruction), _column(row, columns.reference)
    if isinstance(text, list) and isinstance(reference, list):  # TRL's conversational form
        return _conversation([*text, *reference], f"{columns.instruction}, {columns.reference}")
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{columns.instruction} is empty or not text")
    more = row.get(columns.input) if columns.input else None
    if isinstance(more, str) and more.strip():
        text = f"{text.rstrip()}\n{more.strip()}"
    responses = reference if isinstance(reference, list) else [reference]
    if not responses or not isinstance(responses[-1], str) or not responses[-1].strip():
        raise ValueError(f"{columns.reference} is empty or not text")
    return Entry(text, responses)


def _column(row: dict[str, Any], name: str) -> Any:
    if name not in row:
        raise ValueError(f"there is no column {name!r}; the row has {_names(row)}")
    return row[name]


def _conversation(turns: Any, where: str) -> Entry:
    """Return the texts of one question and one answer, after an optional system turn."""
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise ValueError(f"{where} is not a list of messages")
    texts: list[tuple[str, str]] = []
    for turn in turns:
        role = str(turn.get("role", turn.get("from")))
        text = turn.get("content", turn.get("value"))
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{where}: a message without text (role {role!r})")
        texts.append((_ROLES.get(role, role), text))
    system = texts.pop(0)[1] if texts and texts[0][0] == "system" else ""
    roles = [role for role, _ in texts]
    if roles != ["user", "assistant"]:
        raise ValueError(
            f"{where}: one question and one answer are needed, the roles are {', '.join(roles)}"
        )
    return Entry(texts[0][1], [texts[1][1]], system)


def _names(row: dict[str, Any]) -> str:
    return ", ".join(row) or "no columns"
