"""itertl-eval check: is a problem's testbench sound?"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from itertl_eval._util.options import add_jobs, natural, share
from itertl_eval._util.output_files import require_writable, write_whole
from itertl_eval._util.printable import counted, printable
from itertl_eval._util.progress import Progress
from itertl_eval.authoring import (
    MIN_SCORE,
    SEEDS,
    CheckResult,
    HarnessCheck,
    check,
    check_harness,
    check_junit,
)
from itertl_eval.errors import UsageError
from itertl_eval.formal import HINT, SECONDS, available
from itertl_eval.problem import Problem
from itertl_eval.suites import load_problem


def add(commands: Any) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "check",
        help="check whether a problem's testbench is sound",
        description="Run a problem's testbench on its reference, on stubs and on mutants of the "
        "reference, and list what the specification omits. Exit code 1 if the problem falls short.",
    )
    parser.add_argument("task", help="a task folder, SUITE/PROBLEM, or a problem of rtl_core")
    parser.add_argument(
        "--mutants", type=natural, default=40, help="most mutants to try (default 40)"
    )
    parser.add_argument(
        "--min-score",
        type=share,
        default=MIN_SCORE,
        help=f"share of mutants that must be killed (default {MIN_SCORE})",
    )
    parser.add_argument(
        "--proof-seconds",
        type=natural,
        default=SECONDS,
        metavar="N",
        help="how long to look for a proof that a mutant which survives changes nothing, with the "
        f"extra `formal` (default {SECONDS}; 0: don't); all proofs together get three times that",
    )
    add_jobs(parser)
    parser.add_argument("--diffs", action="store_true", help="show each survivor as a diff")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the subcommand; return its exit code."""
    problem = load_problem(options.task)
    if problem.harness is not None:
        return _run_harness(problem, options)
    if options.junit is not None:
        require_writable("--junit", options.junit)
    with Progress(f"checking {problem.id}", None, "run") as bar:
        result = check(
            problem,
            limit=options.mutants,
            min_score=options.min_score,
            jobs=options.jobs,
            progress=lambda _, total: bar.update(total=total),
            proof_seconds=options.proof_seconds,
        )
    if options.junit is not None:
        write_whole(options.junit, check_junit(result))
    print(json.dumps(result.as_dict(), indent=2) if options.json else text(result, options.diffs))
    if result.interrupted:
        return 130
    if result.ungraded:
        return 3
    return 1 if result.shortcomings else 0


def _run_harness(problem: Problem, options: argparse.Namespace) -> int:
    """Check a row that brings its own harness: it has no reference, so there are no mutants."""
    if options.junit is not None:
        raise UsageError(f"{problem.id} has its own harness; --junit is for problems without one")
    with Progress(f"checking {problem.id}", None, "run") as bar:
        found = check_harness(
            problem, jobs=options.jobs, progress=lambda _, total: bar.update(total=total)
        )
    print(json.dumps(found.as_dict(), indent=2) if options.json else _harness_text(found))
    return 1 if found.shortcomings else 0


def _harness_text(found: HarnessCheck) -> str:
    lines = [
        f"{found.task}: {'falls short' if found.shortcomings else 'fails stubs, always alike'}",
        "  reference        there is none, so mutants are not tried",
        f"  simulations      {len(found.simulations)}",
        *(f"  stub {name:11} {outcome}" for name, outcome in found.stubs.items()),
        *(f"  SHORT            {line}" for line in found.shortcomings),
    ]
    return printable("\n".join(lines))


def text(result: CheckResult, diffs: bool = False) -> str:
    """Return the result as text for a terminal."""
    return printable("\n".join(_lines(result, diffs)))


def _lines(result: CheckResult, diffs: bool) -> Iterator[str]:
    passes = result.reference_passes
    unknown = "not graded" if result.ungraded else ""
    found = "not checked" if unknown else "falls short" if result.shortcomings else "sound"
    yield f"{result.task}: {found}"
    runs, planned = len(result.reference), len(SEEDS) + 1
    yield (
        f"  reference        {'passes' if passes else unknown or 'FAILS' if runs else 'not tried'}"
        + (f" on {len(SEEDS)} seeds and in reverse order" if runs == planned else "")
        + (f" in {runs} of {planned} runs" if 0 < runs < planned else "")
        + (f", {result.seconds:.2f} s" if runs else "")
    )
    if result.loading:
        yield f"  loading          in each simulation, because {result.loading}"
    if passes:
        if result.renamed:
            yield f"  renamed          {'passes' if result.renamed == 'pass' else 'FAILS'}"
        yield f"  stubs            {_stubs(result)}"
        yield (
            f"  mutants          {result.killed} of {result.mutants} noticed"
            + (f" (score {result.mutation_score:.2f})" if result.mutants else "")
            + (f", {len(result.equivalent)} listed as equivalent" if result.equivalent else "")
        )
        for row in result.settings:
            setting = ", ".join(f"{name}={value}" for name, value in row["parameters"].items())
            yield f"    {setting:14} {row['killed']} of {row['mutants']} noticed"
    yield from _others(result)
    yield from (f"  SHORT            {line}" for line in result.shortcomings)
    yield from (f"  seed-dependent   {line}" for line in result.seed_dependent)
    yield from (f"  order-dependent  {line}" for line in result.order_dependent)
    yield from _survivors(result, diffs)


def _stubs(result: CheckResult) -> str:
    if result.stubs_passing:
        return "SOME PASS"
    if result.interrupted:
        return f"{result.stubs_tried} tried, all fail" if result.stubs_tried else "not tried"
    return "all fail"


def _others(result: CheckResult) -> Iterator[str]:
    """Lines about the mutants that count for or against nothing."""
    if result.hanging:
        hanging = counted(len(result.hanging), "mutant")
        yield f"  hanging          {hanging}, stopped at the time limit"
    if result.proved:
        proved = counted(len(result.proved), "mutant")
        yield f"  proved           {proved}, surviving without changing anything"
    if result.same_code:
        same = counted(len(result.same_code), "mutant")
        yield f"  no change        {same}, compiled to the same code"
    settings: dict[str, int] = defaultdict(int)
    for mutant in result.unelaborated:
        settings[mutant["setting"]] += 1
    for setting, count in settings.items():
        advice = f": add {setting} to parameters" if setting else ""
        yield f"  not elaborated   {counted(count, 'mutant')}{advice}"


def _survivors(result: CheckResult, diffs: bool) -> Iterator[str]:
    """The survivors by the outputs that they affect first."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for survivor in result.survivors:
        groups[", ".join(survivor["outputs"])].append(survivor)
    for output, row in result.outputs.items():
        if not row["killed"]:
            yield f"  nothing notices {output} ({counted(row['mutants'], 'mutant')})"
    for outputs, survivors in groups.items():
        yield f"  survive at {outputs}:" if outputs else "  survive:"
        for survivor in survivors:
            yield f"    {survivor['place']}: {survivor['what']}"
            if "counterexample" in survivor:
                yield f"      {survivor['counterexample']}"
            elif survivor["unknown"]:
                yield f"      no proof: {survivor['unknown']}"
            if diffs:
                yield from (f"      {line}" for line in survivor["diff"].splitlines())
    if result.survivors and not diffs:
        yield "  (--diffs shows each survivor as a diff)"
    if result.survivors and not available():
        yield f"  ({HINT})"
