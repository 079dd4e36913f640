"""The mutation score of each rtl_core testbench, as the table in testbenches/rtl_core/README.md.

    python benchmarks/rtl_core_mutation.py [NAME ...] [--mutants 30] [--jobs N] [--json]

"noticed" and "score" are those of `itertl-eval check rtl_core/NAME --mutants 30 --json`. "of
real mistakes" leaves out the survivors that no testbench can notice: an exchange of = and <=,
and those that rtl_core_equivalents.yaml lists with a reason. Exit code 1 when that score is
below --min-score (0.95) or a task falls short otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from itertl_eval import load_suite
from itertl_eval.check import Report, check
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
    reports = {}
    for name in tqdm(options.names or list(suite), unit="problem"):
        reports[name] = check(suite[name], limit=options.mutants, min_score=0, jobs=options.jobs)
    known = yaml.safe_load(Path(__file__).with_name("rtl_core_equivalents.yaml").read_text())
    real = {name: gaps(report, known.get(name, {})) for name, report in reports.items()}
    if options.json:
        print(json.dumps([report.as_dict() for report in reports.values()], indent=2))
    else:
        print(page(suite, reports, real))
    short = [
        name for name, report in reports.items()
        if report.shortcomings or real_score(report, real[name]) < options.min_score
    ]  # fmt: skip
    if short:
        print(f"below {options.min_score} or short: {', '.join(short)}", file=sys.stderr)
    return 1 if short else 0


def changed_lines(survivor: dict[str, Any]) -> list[str]:
    """The diff of a survivor without its headers: what was, what is."""
    return [line for line in survivor["diff"].splitlines()[2:] if line[0] in "+-"]


def gaps(report: Report, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """The survivors that a testbench could notice."""
    found = []
    for survivor in report.survivors:
        exchanged = survivor["diff"].splitlines()[1].startswith("+++ assignment")
        before, after = (line[1:].strip() for line in changed_lines(survivor))
        if not exchanged and after not in known and f"{before} -> {after}" not in known:
            found.append(survivor)
    return found


def real_score(report: Report, real: list[dict[str, Any]]) -> float:
    return report.killed / (report.killed + len(real)) if report.killed else 0.0


def page(
    suite: Mapping[str, Problem], reports: dict[str, Report], real: dict[str, list[dict[str, Any]]]
) -> str:
    """The table by level, then what survived and could be noticed, then what falls short."""
    lines = [
        "| problem | level | kind | noticed | score | of real mistakes |",
        "|---|---|---|---|---|---|",
    ]
    for level in LEVELS:
        for name, report in sorted(reports.items()):
            own, *tags = suite[name].tags
            if own == level:
                lines.append(
                    f"| [{name}]({name}/spec.md) | {level} | {', '.join(tags)} "
                    f"| {report.killed} of {report.mutants} | {report.mutation_score:.2f} "
                    f"| {real_score(report, real[name]):.2f} |"
                )
    total = sum(report.mutants for report in reports.values())
    killed = sum(report.killed for report in reports.values())
    left = sum(len(found) for found in real.values())
    lines.append(
        f"\n{len(reports)} problems; {killed} of {total} mutants noticed, "
        f"{total - killed - left} equivalent, {left} gaps.\n"
    )
    for name, report in sorted(reports.items()):
        for survivor in real[name]:
            lines.append(f"{name} line {survivor['line']}:")
            lines += [f"    {line}" for line in changed_lines(survivor)]
        lines += [f"{name} SHORT {line}" for line in report.shortcomings]
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ItertlError as error:
        print(f"rtl_core_mutation: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
