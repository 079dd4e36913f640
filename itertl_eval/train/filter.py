"""The self-contained filter as a command: which pairs can be learnt from, and why not the rest.

    python -m itertl_eval.train.filter PAIRS... [-o KEPT.jsonl] [--report REPORT.jsonl]
        [--benchmark SUITE] [--field instruction=COLUMN --field reference=COLUMN] [--no-compiler]

PAIRS is a file, a `datasets` folder or a hub name, as in `train_data` of a recipe. JSON lines are
kept as they are, rows of any other form become JSON lines. What is removed is counted by rule and
listed with its line. With --benchmark, rows too close to a problem of that suite go as well.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from itertl_eval.errors import command
from itertl_eval.grading import Item, grade_many
from itertl_eval.progress import Progress
from itertl_eval.suites import load_suite
from itertl_eval.train.contamination import Benchmarks
from itertl_eval.train.instruction import Instruction
from itertl_eval.train.pairs import load_pairs
from itertl_eval.train.rows import read_lines
from itertl_eval.train.selfcontained import Fault, faults_of


@dataclass(frozen=True)
class Removed:
    """A row that was removed, and the rule that it broke."""

    where: str
    fault: Fault


def compiler_faults(instructions: Sequence[Instruction]) -> dict[str, Fault]:
    """Id -> fault of the references that the compiler refuses, by the grader itself."""
    found: dict[str, Fault] = {}
    with Progress("compiling", len(instructions), "reference") as progress:
        verdicts = grade_many(
            [Item(i.problem, i.reference or "") for i in instructions],
            progress=lambda _: progress.update(),
        )
    for instruction, verdict in zip(instructions, verdicts, strict=True):
        if verdict.status == "fail":
            found[instruction.id] = Fault(f"does not {_did(verdict.stage)}", verdict.message)
    return found


def _did(stage: str) -> str:
    return {"interface": "have its ports", "simulate": "simulate"}.get(stage, "compile")


def filter_source(
    source: str,
    *,
    names: Sequence[str] = (),
    benchmarks: Benchmarks | None = None,
    compiler: bool = True,
) -> tuple[list[int], list[Removed]]:
    """Line numbers (from 1) of the rows to keep, and what is removed from `source`."""
    pairs = load_pairs(source, names=names, on_bad_row="skip")
    removed = [Removed(f"{bad.source}:{bad.line}", Fault("bad row", bad.why)) for bad in pairs.bad]
    left = []
    for instruction in pairs.instructions:
        fault = next(iter(faults_of(instruction)), None)
        if fault is None and benchmarks is not None:
            close = benchmarks.closest(instruction)
            fault = Fault("too close to a benchmark", str(close)) if close else None
        if fault is None:
            left.append(instruction)
        else:
            removed.append(Removed(f"{source}:{_line(instruction)}", fault))
    refused = compiler_faults(left) if compiler else {}
    kept = []
    for instruction in left:
        if instruction.id in refused:
            removed.append(Removed(f"{source}:{_line(instruction)}", refused[instruction.id]))
        else:
            kept.append(_line(instruction))
    return kept, removed


def _line(instruction: Instruction) -> int:
    return int(instruction.problem.id.rpartition("-")[2])


def report(total: int, removed: Iterable[Removed]) -> str:
    """Counts by rule, most frequent first."""
    counts = Counter(entry.fault.rule for entry in removed)
    gone = sum(counts.values())
    lines = [f"{total} rows: {total - gone} kept, {gone} removed"]
    lines += [f"  {count:6d}  {rule}" for rule, count in counts.most_common()]
    return "\n".join(lines)


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
    parser.add_argument("--benchmark", action="append", default=[], metavar="SUITE")
    parser.add_argument("--field", action="append", default=[], metavar="name=COLUMN")
    parser.add_argument("--no-compiler", action="store_true", help="only the rules of the text")
    options = parser.parse_args(arguments)
    benchmarks = (
        Benchmarks([load_suite(name) for name in options.benchmark]) if options.benchmark else None
    )
    total, removed, rows = 0, [], []
    for source in options.sources:
        kept, gone = filter_source(
            source, names=options.field, benchmarks=benchmarks,
            compiler=not options.no_compiler,
        )  # fmt: skip
        total += len(kept) + len(gone)
        removed += gone
        lines = _rows_of(source)
        rows += [lines[number] for number in kept]
    if options.output:
        options.output.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    if options.report:
        entries = (
            {"where": r.where, "rule": r.fault.rule, "detail": r.fault.detail} for r in removed
        )
        options.report.write_text("".join(json.dumps(e) + "\n" for e in entries), "utf-8")
    print(report(total, removed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
