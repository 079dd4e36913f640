"""The self-contained filter as a command: which pairs can be learnt from, and why not the rest.

    python -m itertl_eval.train.filter PAIRS... [-o KEPT.jsonl] [--report REPORT.jsonl]
        [--candidates] [--benchmark SUITE] [--no-compiler]
        [--field instruction=COLUMN --field reference=COLUMN]

PAIRS is a file, a `datasets` folder or a hub name, as in `train_data` of a recipe. JSON lines are
kept as they are, rows of any other form become JSON lines. What is removed is counted by rule and
listed with its line. With --benchmark, rows too close to a problem of that suite go as well.
With --candidates, the responses in front of the reference are judged like the reference, each by
its own module and ports, and those that fail leave their row together with their scores.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itertl_eval._util.command import command
from itertl_eval._util.progress import Progress
from itertl_eval.grader import Item, grade_many
from itertl_eval.suites import load_suite
from itertl_eval.train.data import (
    BadRow,
    Instruction,
    load_candidates,
    load_pairs,
    read_lines,
    without_candidates,
)
from itertl_eval.train.filter._contamination import Benchmarks
from itertl_eval.train.filter._self_contained import Fault, faults_of


@dataclass(frozen=True)
class Removed:
    """A row that was removed, or a candidate (from 1) of one, and the rule that it broke."""

    where: str
    fault: Fault
    candidate: int | None = None


@dataclass
class Filtered:
    """What is left of a source: the rows by number (from 1), each with its lost candidates."""

    kept: dict[int, set[int]] = field(default_factory=dict)
    removed: list[Removed] = field(default_factory=list)
    candidates: int = 0
    """How many were judged, of the rows that are kept."""


def judged(
    instructions: Sequence[Instruction], benchmarks: Benchmarks | None, compiler: bool, what: str
) -> list[Fault | None]:
    """What is wrong with each reference: by its text, then as the compiler says."""
    found = [next(iter(faults_of(instruction)), None) for instruction in instructions]
    if benchmarks is not None:
        for at, instruction in enumerate(instructions):
            if found[at] is None and (close := benchmarks.closest(instruction)):
                found[at] = Fault("too close to a benchmark", str(close))
    left = [at for at, fault in enumerate(found) if fault is None] if compiler else []
    faults = compiler_faults([instructions[at] for at in left], what)
    for at, fault in zip(left, faults, strict=True):
        found[at] = fault
    return found


def compiler_faults(instructions: Sequence[Instruction], what: str) -> list[Fault | None]:
    """The fault of each reference that the compiler refuses, by the grader itself."""
    with Progress("compiling", len(instructions), what) as progress:
        verdicts = grade_many(
            [Item(i.problem, i.reference or "") for i in instructions],
            progress=lambda _: progress.update(),
        )
    return [
        Fault(f"does not {_did(v.stage)}", v.message) if v.status == "fail" else None
        for v in verdicts
    ]


def _did(stage: str) -> str:
    return {"interface": "have its ports", "simulate": "simulate"}.get(stage, "compile")


def filter_source(
    source: str,
    *,
    names: Sequence[str] = (),
    benchmarks: Benchmarks | None = None,
    compiler: bool = True,
    candidates: bool = False,
) -> Filtered:
    """Which rows of `source` to keep, and what is removed from it."""
    pairs = load_pairs(source, names=names, on_bad_row="skip")
    done = Filtered()
    done.removed = [Removed(_where(bad), Fault("bad row", bad.why)) for bad in pairs.bad]
    faults = judged(pairs.instructions, benchmarks, compiler, "reference")
    for instruction, fault in zip(pairs.instructions, faults, strict=True):
        if fault is None:
            done.kept[_line(instruction)] = set()
        else:
            done.removed.append(Removed(f"{source}:{_line(instruction)}", fault))
    if candidates:
        _filter_candidates(source, done, names, benchmarks, compiler)
    return done


def _filter_candidates(
    source: str, done: Filtered, names: Sequence[str], benchmarks: Benchmarks | None, compiler: bool
) -> None:
    """Judge the candidates of the rows that are kept so far."""
    readable: list[tuple[int, Instruction]] = []
    for line, number, found in load_candidates(source, done.kept, names=names):
        done.candidates += number > 0
        if isinstance(found, Instruction):
            readable.append((number, found))
        elif number:
            done.kept[line].add(number)
            why = Fault("bad candidate", found.why)
            done.removed.append(Removed(_where(found), why, number))
        else:
            del done.kept[line]
            done.removed.append(Removed(_where(found), Fault("bad row", found.why)))
    faults = judged([found for _, found in readable], benchmarks, compiler, "candidate")
    for (number, found), fault in zip(readable, faults, strict=True):
        if fault is not None:
            done.kept[_line(found)].add(number)
            done.removed.append(Removed(f"{source}:{_line(found)}", fault, number))


def _where(bad: BadRow) -> str:
    return f"{bad.source}:{bad.line}"


def _line(instruction: Instruction) -> int:
    return int(instruction.problem.id.rpartition("-")[2])


def report(total: int, removed: Sequence[Removed], candidates: int = 0) -> str:
    """Counts by rule, most frequent first; of candidates behind those of rows, if there are any."""
    rows = [entry.fault.rule for entry in removed if entry.candidate is None]
    text = _counts(f"{total} rows", total, rows)
    if candidates:
        singles = [entry.fault.rule for entry in removed if entry.candidate is not None]
        text += "\n" + _counts(f"{candidates} candidates in the rows kept", candidates, singles)
    return text


def _counts(what: str, total: int, rules: Sequence[str]) -> str:
    lines = [f"{what}: {total - len(rules)} kept, {len(rules)} removed"]
    lines += [f"  {count:6d}  {rule}" for rule, count in Counter(rules).most_common()]
    return "\n".join(lines)


def _entry(removed: Removed) -> dict[str, str | int]:
    """A removal as a line of the report."""
    place = {} if removed.candidate is None else {"candidate": removed.candidate}
    fault = removed.fault
    return {"where": removed.where, **place, "rule": fault.rule, "detail": fault.detail}


def _rows_of(source: str) -> Mapping[int, str]:
    """Row number -> the row as a line of JSON; of JSON lines the line as it is.

    Read by the reader that counted them, so that a number means the same row. What a data set
    holds besides JSON's types (a date) is written as text.
    """
    return {
        number: line or json.dumps(row, ensure_ascii=False, default=str)
        for number, row, line in read_lines(source, [])
    }


@command
def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m itertl_eval.train.filter",
        description="Keep the pairs whose reference stands alone.",
    )
    parser.add_argument("sources", nargs="+", help="files of pairs, `datasets` folders, hub names")
    parser.add_argument("-o", "--output", type=Path, help="JSONL file for the rows that are kept")
    parser.add_argument("--report", type=Path, help="JSONL file for what is removed, with reasons")
    parser.add_argument(
        "--candidates", action="store_true",
        help="judge the responses in front of the reference too; those that fail leave their row",
    )  # fmt: skip
    parser.add_argument("--benchmark", action="append", default=[], metavar="SUITE")
    parser.add_argument("--field", action="append", default=[], metavar="name=COLUMN")
    parser.add_argument("--no-compiler", action="store_true", help="only the rules of the text")
    options = parser.parse_args(arguments)
    benchmarks = (
        Benchmarks([load_suite(name) for name in options.benchmark]) if options.benchmark else None
    )
    total, candidates, removed, rows = 0, 0, list[Removed](), list[str]()
    for source in options.sources:
        done = filter_source(
            source, names=options.field, benchmarks=benchmarks,
            compiler=not options.no_compiler, candidates=options.candidates,
        )  # fmt: skip
        total += len(done.kept) + sum(entry.candidate is None for entry in done.removed)
        candidates += done.candidates
        removed += done.removed
        lines = _rows_of(source)
        for number, lost in sorted(done.kept.items()):
            line = lines[number]
            if lost:
                row = without_candidates(json.loads(line), lost, names=options.field)
                line = json.dumps(row, ensure_ascii=False)
            rows.append(line)
    if options.output:
        options.output.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    if options.report:
        entries = "".join(json.dumps(_entry(one)) + "\n" for one in removed)
        options.report.write_text(entries, "utf-8")
    print(report(total, removed, candidates))
    return 0
