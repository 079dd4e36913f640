"""Read instruction/reference pairs from published data sets.

Forms recognised by their columns:

    {"Instruction", "Response": [...]}                       RTLCoder's data
    {"Instruction", "Input", "Response": [...], "Score"}     RTLCoder's scored data, reference last
    {"instruction", "output"}, with or without "input"       Alpaca's form
    {"prompt", "completion"}                                 TRL's, as text or as messages
    {"messages": [{"role", "content"}, ...]}                 one question, one answer
    {"conversations": [{"from", "value"}, ...]}              the same in ShareGPT's form

Other columns need `field_names: [instruction=COLUMN, reference=COLUMN]` or `[messages=COLUMN]`. If
there are several responses, those before the reference are candidates, which only the filter
reads. Pairs have no testbench: a completion is graded up to elaboration with the ports of the
reference, and scored by its similarity to the reference.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.grader import extract
from itertl_eval.problem import Problem, Prompt
from itertl_eval.train.data._columns import Entry, entry_of, guess, mapping
from itertl_eval.train.data._instruction import PORTS_ONLY, Instruction
from itertl_eval.train.data._sources import BadRow, name_of, read_rows
from itertl_eval.verilog import root_of, slang


@dataclass
class Pairs:
    """Instructions of a source, and its rows that cannot be used."""

    instructions: list[Instruction] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def load_pairs(
    source: str | Path, *, names: Sequence[str] = (), on_bad_row: str = "refuse"
) -> Pairs:
    """Read the pairs of a file, a `datasets` folder or a hub data set.

    A row is bad if a column or its text is missing, if its reference has no module, or if the
    ports cannot be read.

    Args:
        source: What to read.
        names: Column names as `name=COLUMN`; without them they are guessed.
        on_bad_row: "skip" collects bad rows, "refuse" raises.

    Raises:
        UsageError: The source cannot be read, or has bad rows that are to be refused.
    """
    found = Pairs()
    source = str(source)
    columns = mapping(names) if names else None
    for line, row in read_rows(source, found.bad):
        try:
            entry = entry_of(row, columns or guess(row))
            found.instructions.append(_pair(source, line, entry))
        except ValueError as error:
            found.bad.append(BadRow(source, line, str(error)))
    _refuse_a_wrong_form(source, found)
    if found.bad and on_bad_row == "refuse":
        shown = "\n".join(f"  {bad}" for bad in found.bad[:10])
        raise UsageError(
            f"{len(found.bad)} rows of {source} cannot be used:\n{shown}\n"
            "Repair them, or set on_bad_row: skip."
        )
    return found


def _refuse_a_wrong_form(source: str, found: Pairs) -> None:
    """Report once, not row by row, that no row of a source can be used for the same reason."""
    reasons = {bad.why for bad in found.bad}
    if not found.instructions and len(found.bad) > 1 and len(reasons) == 1:
        raise UsageError(f"none of the {len(found.bad)} rows of {source}: {reasons.pop()}")


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
        if here.messages or not isinstance(row.get(here.reference), list):
            continue
        entry = entry_of(row, here)
        scores = row.get(here.score) if here.score else None
        if scores is not None and not (
            isinstance(scores, list) and len(scores) == len(entry.responses)
        ):
            why = f"{here.score} does not have one number per response"
            yield line, 0, BadRow(source, line, why)
            continue
        for number, response in enumerate(entry.responses[:-1], 1):
            try:
                if not isinstance(response, str) or not response.strip():
                    raise ValueError("the candidate is empty or not text")
                pair = _pair(source, line, replace(entry, responses=[response]))
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


def _pair(source: str, line: int, entry: Entry) -> Instruction:
    """Return the pair of an entry. Raises ValueError if it cannot be graded."""
    reference = str(entry.responses[-1])
    top = root_of(reference)
    if top is None:
        raise ValueError("the reference has no single root module")
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
        prompt=Prompt(description=f"{entry.instruction.strip()}\n", system=entry.system),
        reference=f"{code.strip()}\n",
        testbench=PORTS_ONLY,
    )
    return Instruction(problem, f"{code.strip()}\n")
