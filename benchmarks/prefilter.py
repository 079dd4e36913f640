"""What pyverilog as a hard gate would lose: good designs that it can't parse.

    python benchmarks/prefilter.py [--json]

Every suite's references go through the grader, in which pyverilog comes first and only the
compiler rejects. Printed for each suite: how many references pass, how many are rejected before
they are simulated (none should be), and how many pyverilog alone would have rejected.
"""

from __future__ import annotations

import argparse
import json
import sys

from itertl_eval import load_suite
from itertl_eval._util.progress import Progress
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import Item, grade_many
from itertl_eval.suites import suite_names

RUNS = ("simulate", "pass")


def shares(name: str) -> dict[str, int]:
    """Counts for the references of a suite."""
    suite = load_suite(name)
    items = [Item(suite[i], suite[i].reference) for i in suite.covered]
    with Progress(name, len(items), "reference") as bar:
        verdicts = grade_many(items, progress=lambda _: bar.update())
    return {
        "references": len(verdicts),
        "passed": sum(verdict.passed for verdict in verdicts),
        "rejected": sum(verdict.stage not in RUNS for verdict in verdicts),
        "lost_to_pyverilog": sum(verdict.pyverilog is False for verdict in verdicts),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    for name in suite_names():
        try:
            found[name] = shares(name)
        except InfrastructureError as error:
            print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr)
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    print(f"{'suite':28}{'references':>11}{'pass':>6}{'rejected':>10}{'pyverilog would lose':>22}")
    for name, row in found.items():
        lost = f"{row['lost_to_pyverilog']} ({row['lost_to_pyverilog'] / row['references']:.1%})"
        print(f"{name:28}{row['references']:11}{row['passed']:6}{row['rejected']:10}{lost:>22}")
    return int(any(row["rejected"] for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
