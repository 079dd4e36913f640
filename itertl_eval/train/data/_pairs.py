"""Instruction/reference pairs, as published sets write them.

Known without being told, by their columns:

    {"Instruction", "Response": [...]}                       RTLCoder's data
    {"Instruction", "Input", "Response": [...], "Score"}     RTLCoder's scored data, reference last
    {"instruction", "output"}, with or without "input"       the common form

Others are read with `field_names: [instruction=COLUMN, reference=COLUMN]`. Of several responses
the ones in front of the reference are candidates, which only the filter reads. Such pairs have no
testbench: an answer is judged up to elaboration with the reference's own ports, and by its
similarity to the reference.
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
    """What a source held."""

    instructions: list[Instruction] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Which column is what."""

    instruction: str
    reference: str
    input: str | None = None
    score: str | None = None
    """One number for each response, where there are several."""


def load_pairs(
    source: str | Path, *, names: Sequence[str] = (), on_bad_row: str = "refuse", limit: int = 0
) -> Pairs:
    """Read the pairs of a file, a `datasets` folder or a hub name (`itertl_eval.train.rows`).

    A bad row is one without text, without a module in its reference, or with ports that can't
    be read. `on_bad_row` "skip" collects them, "refuse" raises UsageError that names the first
    few by line.
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
            f"{len(found.bad)} rows of {source} can't be used:\n{shown}\n"
            "Repair them, or set on_bad_row: skip."
        )
    return found


def load_candidates(
    source: str | Path, lines: Container[int], *, names: Sequence[str] = ()
) -> Iterator[tuple[int, int, Instruction | BadRow]]:
    """(line, number from 1, candidate) of the rows in `lines` that have several responses.

    A candidate is read as a reference is: a pair of its own, with its own module and ports. Where
    the scores can't be told apart from one another, number 0 is the whole row.
    """
    source = str(source)
    columns = mapping(names) if names else None
    for line, row in read_rows(source, []):
        if line not in lines:
            continue
        here = columns or guess(row)
        answers = row[here.reference]
        if not isinstance(answers, list):
            continue
        scores = row.get(here.score) if here.score else None
        if scores is not None and (not isinstance(scores, list) or len(scores) != len(answers)):
            yield line, 0, BadRow(source, line, f"{here.score} is not one for each response")
            continue
        for number, answer in enumerate(answers[:-1], 1):
            try:
                pair = _pair(source, line, {**row, here.reference: [answer]}, here)
            except ValueError as error:
                yield line, number, BadRow(source, line, str(error))
            else:
                yield line, number, pair


def without_candidates(
    row: dict[str, Any], numbers: Container[int], *, names: Sequence[str] = ()
) -> dict[str, Any]:
    """The row without the candidates of these numbers, and without their scores."""
    columns = mapping(names) if names else guess(row)
    changed = dict(row)
    for column in (columns.reference, columns.score):
        if column and isinstance(row.get(column), list):
            changed[column] = [one for at, one in enumerate(row[column], 1) if at not in numbers]
    return changed


def mapping(names: Sequence[str]) -> Columns:
    """Columns from `name=COLUMN` words. Raises UsageError for another word."""
    pairs = dict(entry.partition("=")[::2] for entry in names)
    needed = {"instruction", "reference"}
    if not needed <= set(pairs) <= needed | {"input", "score"}:
        raise UsageError(
            "field_names: write instruction=COLUMN reference=COLUMN [input=COLUMN] [score=COLUMN]"
        )
    return Columns(**pairs)


def guess(row: dict[str, Any]) -> Columns:
    for instruction, reference, extra in KNOWN:
        if instruction in row and reference in row:
            return Columns(
                instruction, reference,
                extra if extra in row else None, SCORE if SCORE in row else None,
            )  # fmt: skip
    shown = ", ".join(row) or "(none)"
    raise ValueError(f"columns {shown}: not a known form, see field_names (the filter: --field)")


def _pair(source: str, line: int, row: dict[str, Any], columns: Columns) -> Instruction:
    text = row.get(columns.instruction)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{columns.instruction} is empty or no text")
    more = row.get(columns.input) if columns.input else None
    if isinstance(more, str) and more.strip():
        text = f"{text.rstrip()}\n{more.strip()}"
    answer = row.get(columns.reference)
    if isinstance(answer, list):  # RTLCoder: candidates, the reference last
        answer = answer[-1] if answer else None
    if not isinstance(answer, str) or not answer.strip():
        raise ValueError(f"{columns.reference} is empty or no text")
    top = root_of(answer)
    if top is None:
        raise ValueError(f"{columns.reference} has no single root module")
    code = extract(answer, top).code or ""
    ports = slang.ports(code, top)
    if ports is None:
        raise ValueError(f"the ports of module {top} can't be read")
    if not ports:
        raise ValueError(f"module {top} has no ports: no answer could be told from another")
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
