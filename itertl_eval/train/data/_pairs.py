"""Read instruction/reference pairs from published data sets.

Forms recognised by their columns:

    {"Instruction", "Response": [...]}                       RTLCoder's data
    {"Instruction", "Input", "Response": [...], "Score"}     RTLCoder's scored data, reference last
    {"instruction", "output"}, with or without "input"       the common form

Other forms need `field_names: [instruction=COLUMN, reference=COLUMN]`. If there are several
responses, those before the reference are candidates, which only the filter reads. Pairs have no
testbench: a completion is graded up to elaboration with the ports of the reference, and scored by
its similarity to the reference.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.grader import extract
from itertl_eval.problem import Problem, Prompt
from itertl_eval.train.data._instruction import PORTS_ONLY, Instruction
from itertl_eval.train.data._sources import BadRow, name_of, read_rows
from itertl_eval.verilog import root_of, slang

KNOWN = (
    ("Instruction", "Response", "Input"),
    ("instruction", "output", "input"),
    ("instruction", "response", "input"),
    ("prompt", "completion", None),
)
SCORE = "Score"


@dataclass
class Pairs:
    """Instructions of a source, and its rows that cannot be used."""

    instructions: list[Instruction] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Column names of a source.

    `score`, if any, holds one number per response.
    """

    instruction: str
    reference: str
    input: str | None = None
    score: str | None = None


def load_pairs(
    source: str | Path, *, names: Sequence[str] = (), on_bad_row: str = "refuse", limit: int = 0
) -> Pairs:
    """Read the pairs of a file, a `datasets` folder or a hub data set.

    A row is bad if it has no text, no module in its reference, or ports that cannot be read.

    Args:
        source: What to read.
        names: Column names as `name=COLUMN`; without them they are guessed.
        on_bad_row: "skip" collects bad rows, "refuse" raises.
        limit: Instructions to read at most; 0 means all.

    Raises:
        UsageError: The source cannot be read, or has bad rows that are to be refused.
    """
    found = Pairs()
    source = str(source)
    columns = mapping(names) if names else None
    for line, row in read_rows(source, found.bad):
        if limit and len(found.instructions) >= limit:
            break
        try:
            columns_here = columns or guess(row)
            found.instructions.append(_pair(source, line, row, columns_here))
        except ValueError as error:
            found.bad.append(BadRow(source, line, str(error)))
    if found.bad and on_bad_row == "refuse":
        shown = "\n".join(f"  {bad}" for bad in found.bad[:10])
        raise UsageError(
            f"{len(found.bad)} rows of {source} cannot be used:\n{shown}\n"
            "Repair them, or set on_bad_row: skip."
        )
    return found


def load_candidates(
    source: str | Path, lines: Container[int], *, names: Sequence[str] = ()
) -> Iterator[tuple[int, int, Instruction | BadRow]]:
    """Yield (line, number from 1, candidate) for rows in `lines` that have several responses.

    A candidate is read like a reference: as a separate pair with its own module and ports. If
    the scores do not match the responses, number 0 reports the whole row.
    """
    source = str(source)
    columns = mapping(names) if names else None
    for line, row in read_rows(source, []):
        if line not in lines:
            continue
        here = columns or guess(row)
        responses = row[here.reference]
        if not isinstance(responses, list):
            continue
        scores = row.get(here.score) if here.score else None
        if scores is not None and (not isinstance(scores, list) or len(scores) != len(responses)):
            yield (
                line,
                0,
                BadRow(source, line, f"{here.score} does not have one number per response"),
            )
            continue
        for number, response in enumerate(responses[:-1], 1):
            try:
                pair = _pair(source, line, {**row, here.reference: [response]}, here)
            except ValueError as error:
                yield line, number, BadRow(source, line, str(error))
            else:
                yield line, number, pair


def without_candidates(
    row: dict[str, Any], numbers: Container[int], *, names: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the row without the candidates of these numbers and without their scores."""
    columns = mapping(names) if names else guess(row)
    changed = dict(row)
    for column in (columns.reference, columns.score):
        if column and isinstance(row.get(column), list):
            changed[column] = [one for at, one in enumerate(row[column], 1) if at not in numbers]
    return changed


def mapping(names: Sequence[str]) -> Columns:
    """Return the columns of `name=COLUMN` words. Raises UsageError for any other word."""
    pairs = dict(entry.partition("=")[::2] for entry in names)
    needed = {"instruction", "reference"}
    if not needed <= set(pairs) <= needed | {"input", "score"}:
        raise UsageError(
            "field_names: write instruction=COLUMN reference=COLUMN [input=COLUMN] [score=COLUMN]"
        )
    return Columns(**pairs)


def guess(row: dict[str, Any]) -> Columns:
    """Return the columns of a known form. Raises ValueError if the row has none."""
    for instruction, reference, extra in KNOWN:
        if instruction in row and reference in row:
            return Columns(
                instruction,
                reference,
                extra if extra in row else None,
                SCORE if SCORE in row else None,
            )
    shown = ", ".join(row) or "(none)"
    raise ValueError(f"columns {shown}: not a known form, see field_names (the filter: --field)")


def _pair(source: str, line: int, row: dict[str, Any], columns: Columns) -> Instruction:
    text = row.get(columns.instruction)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{columns.instruction} is empty or not text")
    more = row.get(columns.input) if columns.input else None
    if isinstance(more, str) and more.strip():
        text = f"{text.rstrip()}\n{more.strip()}"
    reference = row.get(columns.reference)
    if isinstance(reference, list):  # RTLCoder: candidates, the reference last
        reference = reference[-1] if reference else None
    if not isinstance(reference, str) or not reference.strip():
        raise ValueError(f"{columns.reference} is empty or not text")
    top = root_of(reference)
    if top is None:
        raise ValueError(f"{columns.reference} has no single root module")
    code = extract(reference, top).code or ""
    ports = slang.ports(code, top)
    if ports is None:
        raise ValueError(f"the ports of module {top} cannot be read")
    if not ports:
        raise ValueError(f"module {top} has no ports: its completions could not be told apart")
    problem = Problem(
        id=f"{name_of(source)}-{line:06d}",
        suite=name_of(source),
        top=top,
        ports=ports,
        prompt=Prompt(description=f"{text.strip()}\n"),
        reference=f"{code.strip()}\n",
        testbench=PORTS_ONLY,
    )
    return Instruction(problem, f"{code.strip()}\n")
