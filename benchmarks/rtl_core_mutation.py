"""Measure the mutation score of each rtl_core testbench: testbenches/rtl_core/README.md's table.

    python benchmarks/rtl_core_mutation.py [NAME ...] [--mutants 30] [--jobs N] [--json]

The numbers are those of `itertl-eval check rtl_core/NAME --mutants 30 --json`. The exit code is
1 if a score is below --min-score (0.95) or a problem falls short otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from tqdm import tqdm

from itertl_eval import load_suite
from itertl_eval.authoring import CheckResult, check
from itertl_eval.errors import ItertlError
from itertl_eval.problem import Problem

LEVELS = ("basic", "intermediate", "advanced")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="problems (default: all)")
    parser.add_argument("--mutants", type=int, default=30, help="how many at most (default 30)")
    parser.add_argument("--min-score", type=float, default=0.95, help="default 0.95")
    parser.add_argument("--jobs", type=int, help="workers (default: one per core)")
    parser.add_argument("--json", action="store_true", help="print all reports as JSON")
    options = parser.parse_args()
    suite = load_suite("rtl_core")
    if unknown := set(options.names) - set(suite):
        parser.error(f"rtl_core has no problem {', '.join(sorted(unknown))}")
    reports = {
        name: check(
            suite[name], limit=options.mutants, min_score=options.min_score, jobs=options.jobs
        )
        for name in tqdm(options.names or list(suite), unit="problem")
    }
    if options.json:
        print(json.dumps([report.as_dict() for report in reports.values()], indent=2))
    else:
        print(page(suite, reports))
    short = [name for name, report in reports.items() if report.shortcomings]
    if short:
        print(f"falls short: {', '.join(short)}", file=sys.stderr)
    return 1 if short else 0


def page(suite: Mapping[str, Problem], reports: dict[str, CheckResult]) -> str:
    """Return the table by level, then the survivors and what falls short."""
    lines = [
        "| problem | level | kind | noticed | equivalent | score |",
        "|---|---|---|---|---|---|",
    ]
    for level in LEVELS:
        for name, report in sorted(reports.items()):
            own, *tags = suite[name].tags
            if own == level:
                lines.append(
                    f"| [{name}]({name}/spec.md) | {level} | {', '.join(tags)} "
                    f"| {report.killed} of {report.mutants} | {len(report.equivalent) or ''} "
                    f"| {report.mutation_score:.2f} |"
                )
    total = sum(report.mutants for report in reports.values())
    killed = sum(report.killed for report in reports.values())
    equivalent = sum(len(report.equivalent) for report in reports.values())
    lines.append(
        f"\n{len(reports)} problems; {killed} of {total} mutants noticed, "
        f"{equivalent} more listed as equivalent.\n"
    )
    lines += ["| problem | changed line | why nobody can notice |", "|---|---|---|"]
    for name, report in sorted(reports.items()):
        for mutant in report.equivalent:
            lines.append(f"| {name} | {changed(mutant)} | {mutant['reason']} |")
    for name, report in sorted(reports.items()):
        for survivor in report.survivors:
            lines.append(f"{name} line {survivor['line']}:")
            lines += [f"    {x}" for x in survivor["diff"].splitlines()[2:] if x[0] in "+-"]
        for kind, places in (("seed", report.seed_dependent), ("order", report.order_dependent)):
            lines += [f"{name} depends on {kind}: {place}" for place in places]
        lines += [f"{name} SHORT {line}" for line in report.shortcomings]
    return "\n".join(lines)


def changed(mutant: dict[str, Any]) -> str:
    """Return the changed lines as they are in the mutant, or those that it lacks."""
    lines: dict[str, list[str]] = {"+": [], "-": [], "@": []}
    for line in mutant["diff"].splitlines()[2:]:
        lines[line[0]].append(line[1:].strip().replace("|", "\\|"))
    shown = "`, `".join(filter(None, lines["+"]))
    return f"`{shown}`" if shown else f"without `{'`, `'.join(lines['-'])}`"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ItertlError as error:
        print(f"rtl_core_mutation: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
