"""Command that filters training pairs and reports why each rejected pair was removed.

    python -m itertl_eval.train.filter PAIRS... [-o KEPT.jsonl] [--report REPORT.jsonl]
        [--candidates] [--benchmark SUITE] [--no-compiler]
        [--field instruction=COLUMN --field reference=COLUMN]

PAIRS is a file, a `datasets` folder or a hub name, as in `train_data` of a recipe. JSON lines are
written unchanged; rows of any other form become JSON lines. Removed rows are counted by rule and
listed with their line. --benchmark also removes rows that are too close to a problem of a suite.
--candidates checks the responses before the reference like references, each with its own module
and ports, and removes those that fail from their row, with their scores. What this machine fails
to compile is kept and counted, and the exit code is then 3.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from itertl_eval._util.command import command
from itertl_eval._util.options import add_field
from itertl_eval._util.output_files import require_writable, write_whole
from itertl_eval._util.printable import counted
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
from itertl_eval.verdict import Verdict


@dataclass(frozen=True)
class Removed:
    """A removed row, or a removed candidate of a row (from 1), and the rule that it broke."""

    where: str
    fault: Fault
    candidate: int | None = None


@dataclass
class Filtered:
    """Result for one source.

    `kept` maps row numbers (from 1) to removed candidates; `candidates` is how many candidates
    of kept rows were checked; `unchecked` has a message for each design that is kept because this
    machine failed to compile it.
    """

    kept: dict[int, set[int]] = field(default_factory=dict)
    removed: list[Removed] = field(default_factory=list)
    candidates: int = 0
    unchecked: list[str] = field(default_factory=list)


def check_references(
    instructions: Sequence[Instruction],
    benchmarks: Benchmarks | None,
    compiler: bool,
    what: str,
    unchecked: list[str],
) -> list[Fault | None]:
    """Return the first fault of each reference: in its text, then from the compiler.

    Args:
        instructions: Have the references.
        benchmarks: Problems that no reference may be close to.
        compiler: Also compile what is left.
        what: One of the references, for the progress bar.
        unchecked: Receives the message of each reference that could not be compiled here.
    """
    found = [next(iter(faults_of(instruction)), None) for instruction in instructions]
    if benchmarks is not None:
        for at, instruction in enumerate(instructions):
            if found[at] is None and (close := benchmarks.closest(instruction)):
                found[at] = Fault("too close to a benchmark", str(close))
    left = [at for at, fault in enumerate(found) if fault is None] if compiler else []
    faults = compiler_faults([instructions[at] for at in left], what, unchecked)
    for at, fault in zip(left, faults, strict=True):
        found[at] = fault
    return found


def compiler_faults(
    instructions: Sequence[Instruction], what: str, unchecked: list[str]
) -> list[Fault | None]:
    """Return the fault of each reference that the grader's compiler rejects."""
    with Progress("compiling", len(instructions), what) as progress:
        verdicts = grade_many(
            [Item(i.problem, i.reference or "") for i in instructions],
            progress=lambda _: progress.update(),
        )
    unchecked += [verdict.message for verdict in verdicts if verdict.status == "infra_error"]
    return [Fault(_rule(v), v.message) if v.status == "fail" else None for v in verdicts]


def _rule(verdict: Verdict) -> str:
    """Name what a design that fails has broken; a gap of the simulator is not its fault."""
    if verdict.unsupported:
        return "not supported by this simulator"
    did = {"interface": "have its ports", "simulate": "simulate"}.get(verdict.stage, "compile")
    return f"does not {did}"


def filter_source(
    source: str,
    *,
    names: Sequence[str] = (),
    benchmarks: Benchmarks | None = None,
    compiler: bool = True,
    candidates: bool = False,
) -> Filtered:
    """Decide which rows of `source` to keep.

    Args:
        source: A file, a `datasets` folder or a hub name.
        names: Column names as `name=COLUMN`.
        benchmarks: Problems that no row may be close to.
        compiler: Also compile each reference.
        candidates: Also check the responses before the reference.
    """
    pairs = load_pairs(source, names=names, on_bad_row="skip")
    done = Filtered()
    done.removed = [Removed(_where(bad), Fault("bad row", bad.why)) for bad in pairs.bad]
    faults = check_references(pairs.instructions, benchmarks, compiler, "reference", done.unchecked)
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
    """Check the candidates of the rows that are kept so far."""
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
    found_designs = [found for _, found in readable]
    faults = check_references(found_designs, benchmarks, compiler, "candidate", done.unchecked)
    for (number, found), fault in zip(readable, faults, strict=True):
        if fault is not None:
            done.kept[_line(found)].add(number)
            done.removed.append(Removed(f"{source}:{_line(found)}", fault, number))


def _where(bad: BadRow) -> str:
    return f"{bad.source}:{bad.line}"


def _line(instruction: Instruction) -> int:
    return int(instruction.problem.id.rpartition("-")[2])


def report(total: int, removed: Sequence[Removed], candidates: int = 0) -> str:
    """Return counts by rule, most frequent first: of rows, then of candidates if there are any."""
    rows = [entry.fault.rule for entry in removed if entry.candidate is None]
    text = _counts(counted(total, "row"), total, rows)
    if candidates:
        singles = [entry.fault.rule for entry in removed if entry.candidate is not None]
        text += "\n" + _counts(
            f"{counted(candidates, 'candidate')} in the rows kept", candidates, singles
        )
    return text


def _counts(what: str, total: int, rules: Sequence[str]) -> str:
    lines = [f"{what}: {total - len(rules)} kept, {len(rules)} removed"]
    lines += [f"  {count:6d}  {rule}" for rule, count in Counter(rules).most_common()]
    return "\n".join(lines)


def _entry(removed: Removed) -> dict[str, str | int]:
    """Return a removal as a line of the report."""
    place = {} if removed.candidate is None else {"candidate": removed.candidate}
    fault = removed.fault
    return {"where": removed.where, **place, "rule": fault.rule, "detail": fault.detail}


def _rows_of(source: str) -> Mapping[int, str]:
    """Return each row as a line of JSON, by number; a JSON line stays as it is.

    The same reader numbered the rows before, so a number means the same row. Values without a
    JSON type (a date) are written as text.
    """
    return {
        number: line or json.dumps(row, ensure_ascii=False, default=str)
        for number, row, line in read_lines(source, [])
    }


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Filter sources and print the counts. Returns 0, or 3 if something could not be compiled."""
    parser = argparse.ArgumentParser(
        prog="python -m itertl_eval.train.filter",
        description="Keep the pairs whose reference is self-contained.",
    )
    parser.add_argument("sources", nargs="+", help="files of pairs, `datasets` folders, hub names")
    parser.add_argument("-o", "--output", type=Path, help="JSONL file for kept rows")
    parser.add_argument("--report", type=Path, help="JSONL file for removals and their reasons")
    parser.add_argument(
        "--candidates",
        action="store_true",
        help="also check the responses before the reference and remove those that fail",
    )
    parser.add_argument(
        "--benchmark",
        action="append",
        default=[],
        metavar="SUITE",
        help="also remove rows that are too close to one of its problems; may be repeated",
    )
    add_field(parser)
    parser.add_argument("--no-compiler", action="store_true", help="only check the text")
    options = parser.parse_args(arguments)
    for option, path in (("--output", options.output), ("--report", options.report)):
        if path is not None:
            require_writable(option, path, options.sources)
    benchmarks = (
        Benchmarks([load_suite(name) for name in options.benchmark]) if options.benchmark else None
    )
    total, candidates, removed, rows = 0, 0, list[Removed](), list[str]()
    unchecked: list[str] = []
    for source in options.sources:
        done = filter_source(
            source,
            names=options.field,
            benchmarks=benchmarks,
            compiler=not options.no_compiler,
            candidates=options.candidates,
        )
        total += len(done.kept) + sum(entry.candidate is None for entry in done.removed)
        candidates += done.candidates
        removed += done.removed
        unchecked += done.unchecked
        lines = _rows_of(source)
        for number, lost in sorted(done.kept.items()):
            line = lines[number]
            if lost:
                row = without_candidates(json.loads(line), lost, names=options.field)
                line = json.dumps(row, ensure_ascii=False)
            rows.append(line)
    if options.output:
        write_whole(options.output, "".join(f"{row}\n" for row in rows))
    if options.report:
        entries = "".join(json.dumps(_entry(one)) + "\n" for one in removed)
        write_whole(options.report, entries)
    print(report(total, removed, candidates))
    if unchecked:
        print(f"{len(unchecked)} could not be compiled here and are kept unchecked: {unchecked[0]}")
        print("Mend that and filter again.")
        return 3
    return 0
