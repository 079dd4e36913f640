"""Measure testbenches made from references: how many, how fast, and whether they are right.

    python benchmarks/from_reference.py pairs PAIRS.jsonl [--mutants N] [--count N] [--rows FILE]
    python benchmarks/from_reference.py truth [--suite NAME] [--limit N] [--count N] [--rows FILE]
    python benchmarks/from_reference.py cost [--suite NAME] [--count N]

`pairs` makes a testbench for each pair that the filter keeps and prints the share that gets one,
the CPU seconds per pair and the mutation scores. `truth` makes testbenches from a suite's
references and compares them with the suite's own testbenches on mutants of the references, on
rewritings with the same behaviour (rewritings.py) and on the designs of tests/test_mistakes.py.
A wrong design that passes and a right design that is refused are printed, one line each. With
--rows both continue where they were stopped. `cost` grades the references by both testbenches and
prints the CPU seconds of a sample, and of the testbench per step.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import runpy
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rewritings import rewritings

from itertl_eval.authoring import mutants
from itertl_eval.bench import Bench
from itertl_eval.from_reference import Refused, make_testbench, write_task
from itertl_eval.grader import (
    Item,
    default_jobs,
    extract,
    grade,
    grade_many,
    run_design,
)
from itertl_eval.problem import Problem
from itertl_eval.suites import load_suite
from itertl_eval.train.data import Instruction, load_pairs, with_interface
from itertl_eval.train.filter import faults_of

Row = dict[str, Any]
"""What was measured on one problem: a line of the file of rows."""

sys.path.append(str(Path(__file__).parents[1] / "tests"))  # for test_mistakes


def cpu_seconds() -> float:
    """CPU seconds of this process and of all that it has started, in so far as they live."""
    stats: dict[int, tuple[int, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            stats[int(entry.name)] = int(fields[1]), sum(map(int, fields[11:15]))
    family = {os.getpid()}
    while more := {p for p, (parent, _) in stats.items() if parent in family} - family:
        family |= more
    return sum(stats[p][1] for p in family) / os.sysconf("SC_CLK_TCK")


def kept(source: str, jobs: int) -> list[Instruction]:
    """Return the pairs of a source whose reference is self-contained and compiles."""
    pairs = load_pairs(source, on_bad_row="skip").instructions
    alone = [pair for pair in pairs if not faults_of(pair)]
    verdicts = grade_many([Item(p.problem, p.reference or "") for p in alone], jobs=jobs)
    return [pair for pair, verdict in zip(alone, verdicts, strict=True) if verdict.passed]


def measure_pairs(options: argparse.Namespace) -> int:
    pairs = list(map(with_interface, kept(options.source, options.jobs)))
    if options.count and options.count < len(pairs):
        pairs = random.Random(0).sample(pairs, options.count)
    rows = read_rows(options.rows)
    done = {row["problem"] for row in rows}
    left = [pair.problem for pair in pairs if pair.problem.id not in done]
    before, began = cpu_seconds(), time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(partial(outcome, limit=options.mutants), left):
            rows.append(row)
            append_row(options.rows, row)
        spent = cpu_seconds() - before
    counts = Counter(str(row["outcome"]) for row in rows)
    scores = [row["killed"] / row["mutants"] for row in rows if row.get("mutants")]
    print(f"{len(rows)} pairs: {dict(counts.most_common())}")
    for row in rows:
        if row["outcome"] != "made":
            print(f"  {row['outcome']}: {row['problem']} {row['detail']}")
    print(f"share with a testbench: {counts['made'] / len(rows):.4f}")
    if left:
        print(f"CPU seconds per pair: {spent / len(left):.3f} with {options.mutants} mutants")
        print(f"wall seconds: {time.monotonic() - began:.1f} with {options.jobs} jobs")
    if scores:
        below = sum(score < 0.97 for score in scores)
        print(f"mutation score: median {median(scores):.3f}, mean {sum(scores) / len(scores):.3f}")
        print(f"below 0.97: {below} of {len(scores)}")
    return 0


def outcome(problem: Problem, limit: int) -> Row:
    """Return what became of a problem, and the mutants that its testbench does not notice."""
    row: Row = {"problem": problem.id, "outcome": "made"}
    try:
        made = make_testbench(problem, limit=limit)
    except Refused as refused:
        return row | {"outcome": refused.outcome, "detail": refused.detail}
    alive = [f"line {mutant.line}: {mutant.description}" for mutant in made.survivors]
    return row | {"mutants": made.mutants, "killed": made.killed, "alive": alive}


def read_rows(file: Path | None) -> list[Row]:
    """Return the rows of an earlier run that was stopped."""
    if file is None or not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


def append_row(file: Path | None, row: Row) -> None:
    if file is not None:
        with file.open("a") as out:
            out.write(json.dumps(row) + "\n")


# -- against testbenches that are right ---------------------------------------------------------


def designs(problem: Problem, limit: int) -> Iterator[tuple[str, str, str]]:
    """(kind, what, text) of the designs that both testbenches grade."""
    for mutant in mutants(problem.reference, problem.top, limit=limit, seed=7):
        yield "mutant", f"line {mutant.line}: {mutant.description}", mutant.source
    for name, text in rewritings(problem):
        yield "rewriting", name, text
    from test_mistakes import RIGHT, WRONG

    for kind, texts in (("mistake", WRONG), ("honest", RIGHT)):
        if problem.id in texts:
            yield kind, kind, texts[problem.id]


def compare(problem: Problem, options: argparse.Namespace) -> Row:
    """Grade the same designs by the testbench from the reference and by the suite's own."""
    row: Row = {"problem": problem.id, "outcome": "made", "designs": []}
    try:
        made = make_testbench(problem, limit=options.mutants)
    except Refused as refused:
        return row | {"outcome": refused.outcome}
    with tempfile.TemporaryDirectory() as folder:
        from_reference = replace(
            problem, testbench=write_task(Path(folder, problem.id), problem, made)
        )
        graded = []
        for kind, what, text in designs(problem, options.limit):
            ours = grade(problem, text, partial=False)
            theirs = grade(from_reference, text, partial=False, cache=False)
            if "infra_error" in (ours.status, theirs.status):
                raise RuntimeError(f"{problem.id}: {ours.message or theirs.message}")
            graded.append([kind, what, ours.passed, theirs.passed, theirs.message or ours.message])
    return row | {"designs": graded}


def measure_truth(options: argparse.Namespace) -> int:
    suite = load_suite(options.suite)
    problems = [suite[name] for name in suite.covered if suite[name].reference]
    if options.problems:
        problems = [p for p in problems if p.id in options.problems]
    if options.count and options.count < len(problems):
        problems = random.Random(0).sample(problems, options.count)
    rows = read_rows(options.rows)
    done = {row["problem"] for row in rows}
    left = [p for p in problems if p.id not in done]
    with ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(partial(compare, options=options), left):
            rows.append(row)
            append_row(options.rows, row)
    return show(rows)


def show(rows: Sequence[Row]) -> int:
    outcomes = Counter(str(row["outcome"]) for row in rows)
    print(f"{len(rows)} problems: {dict(outcomes.most_common())}")
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    passing: Counter[str] = Counter()
    for row in rows:
        for kind, what, truth, verdict, message in row.get("designs", []):
            (right if truth else wrong)[kind] += 1
            if truth != verdict:
                (refused if truth else passing)[kind] += 1
                label = "RIGHT, refused" if truth else "WRONG, passes"
                print(f"{label}  {row['problem']}  {kind}  {what}  {message}")
    for kind in sorted({*right, *wrong}):
        print(
            f"{kind}: {passing[kind]} of {wrong[kind]} wrong designs pass "
            f"({share(passing[kind], wrong[kind])}), {refused[kind]} of {right[kind]} right ones "
            f"are refused ({share(refused[kind], right[kind])})"
        )
    return 0


def measure_cost(options: argparse.Namespace) -> int:
    """Compare what one sample costs with a recorded and with a hand-written testbench."""
    suite = load_suite(options.suite)
    problems = [suite[name] for name in suite.covered if suite[name].reference]
    rows: list[tuple[float, float, float, float]] = []
    for problem in random.Random(1).sample(problems, options.count or len(problems)):
        assert problem.testbench is not None
        names = runpy.run_path(str(problem.testbench)).values()
        bench = next((value for value in names if isinstance(value, Bench)), None)
        if bench is None:
            continue
        rng = random.Random(0)
        steps = sum(len([*bench.steps(case, rng, True, True)]) for case in bench.cases.values())
        try:
            made = make_testbench(problem, limit=options.mutants)
        except Refused:
            continue
        with tempfile.TemporaryDirectory() as folder:
            testbench = write_task(Path(folder, problem.id), problem, made)
            recorded = replace(problem, testbench=testbench)
            ours, theirs = (least_cpu(p) for p in (problem, recorded))
        rows.append((ours[0], theirs[0], 1e6 * ours[1] / steps, 1e6 * theirs[1] / made.steps))
    hand, ours, step, our_step = (median(column) for column in zip(*rows, strict=True))
    print(f"{len(rows)} references; median CPU by hand and recorded:")
    print(f"a sample: {1000 * hand:.1f} ms, {1000 * ours:.1f} ms")
    print(f"simulation and comparison, per step: {step:.1f} us, {our_step:.1f} us")
    return 0


def least_cpu(problem: Problem) -> tuple[float, float]:
    """The least CPU seconds of the run and of the simulation, of five runs of the reference."""
    code = extract(problem.reference, problem.top, problem.prompt.header).code or ""
    found = [run_design(problem, code) for _ in range(5)]
    return min(f.cpu for f in found), min(f.simulated or f.cpu for f in found)


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    pairs = commands.add_parser("pairs", help="how many pairs get a testbench, and how fast")
    pairs.add_argument("source", help="a file of pairs")
    pairs.set_defaults(run=measure_pairs)
    truth = commands.add_parser("truth", help="compare with a suite's own testbenches")
    truth.add_argument("problems", nargs="*", help="only these problems")
    truth.add_argument("--suite", default="verilogeval_human")
    truth.add_argument("--limit", type=int, default=12, help="mutants per problem to compare on")
    truth.set_defaults(run=measure_truth)
    cost = commands.add_parser("cost", help="what a sample costs by such a testbench")
    cost.add_argument("--suite", default="verilogeval_human")
    cost.set_defaults(run=measure_cost)
    for command in (pairs, truth):
        command.add_argument("--rows", type=Path, help="JSONL file; a second run continues it")
    for command in (pairs, truth, cost):
        command.add_argument("--mutants", type=int, default=20, help="mutants that judge stimulus")
        command.add_argument("--count", type=int, default=0, help="a sample of so many; 0: all")
        command.add_argument("--jobs", type=int, default=default_jobs())
    options = parser.parse_args()
    result: int = options.run(options)
    return result


if __name__ == "__main__":
    sys.exit(main())
