"""itertl-eval check: is a problem's testbench sound?"""

from __future__ import annotations

import argparse
import json
from typing import Any

from itertl_eval._util.progress import Progress
from itertl_eval.authoring import MIN_SCORE, SEEDS, CheckResult, check
from itertl_eval.cli._options import add_jobs
from itertl_eval.suites import load_problem


def add(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="check whether a problem's testbench is sound",
        description="Run a problem's testbench on its reference, on stubs and on mutants of the "
        "reference, and list what the specification omits. Exit code 1 if the problem falls short.",
    )
    parser.add_argument("task", help="a task folder, SUITE/PROBLEM, or a problem of rtl_core")
    parser.add_argument("--mutants", type=int, default=40, help="most mutants to try (default 40)")
    parser.add_argument(
        "--min-score",
        type=float,
        default=MIN_SCORE,
        help=f"share of mutants that must be killed (default {MIN_SCORE})",
    )
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    problem = load_problem(options.task)
    with Progress(f"checking {problem.id}", None, "run") as bar:
        report = check(
            problem,
            limit=options.mutants,
            min_score=options.min_score,
            jobs=options.jobs,
            progress=lambda _: bar.update(),
        )
    print(json.dumps(report.as_dict(), indent=2) if options.json else text(report))
    return 1 if report.shortcomings else 0


def text(report: CheckResult) -> str:
    """Return the result as text for a terminal."""
    passes = report.reference_passes
    lines = [
        f"{report.task}: " + ("sound" if not report.shortcomings else "falls short"),
        f"  reference        {'passes' if passes else 'FAILS'}"
        f" on {len(SEEDS)} seeds and in reverse order, {report.seconds:.2f} s",
    ]
    if passes:
        lines += [
            f"  stubs            {'all fail' if not report.stubs_passing else 'SOME PASS'}",
            f"  mutants          {report.killed} of {report.mutants} noticed"
            f" (score {report.mutation_score:.2f})"
            + (f", {len(report.equivalent)} listed as equivalent" if report.equivalent else ""),
        ]
    lines += [f"  SHORT            {line}" for line in report.shortcomings]
    lines += [f"  seed-dependent   {line}" for line in report.seed_dependent]
    lines += [f"  order-dependent  {line}" for line in report.order_dependent]
    for survivor in report.survivors:
        lines += [f"  survives: line {survivor['line']}: {survivor['what']}"]
        lines += [f"    {line}" for line in survivor["diff"].splitlines()]
    return "\n".join(lines)
