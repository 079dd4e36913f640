"""CPU time of one verdict on a CVDP row: this grader, and the row's scripts with cocotb's runner.

    python benchmarks/cvdp_cost.py ROWS.jsonl COMPLETIONS.jsonl [--repeat 3]

COMPLETIONS has lines {"task_id", "completion"}. Both ways run in turn. The scripts run in the
sandbox too, without a container, so that the published way is shown at its cheapest.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
from dataclasses import replace
from pathlib import Path

from itertl_eval import load_suite
from itertl_eval.grader import Item, close_workers, grade_item


def spent() -> float:
    """CPU seconds of this process and of the children that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("completions", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    suite = load_suite(str(options.rows))
    rows = [json.loads(line) for line in options.completions.read_text().splitlines()]
    for row in rows:
        problem, text = suite[row["task_id"]], row["completion"]
        item = Item(problem, text, cache=False)
        grade_item(item)  # reads the harness once
        close_workers()
        times = [_spent(replace(item, protocol="official"), 1) for _ in range(options.repeat)]
        published = statistics.median(times)
        one, many = _spent(item, 1), _spent(item, options.repeat + 1)
        ours = (many - one) / options.repeat
        print(
            f"{problem.id}: ours {ours:.3f} s, published {published:.3f} s, "
            f"ratio {published / ours:.1f}",
            flush=True,
        )


def _spent(item: Item, times: int) -> float:
    """CPU seconds of so many verdicts, with the start of a worker."""
    before = spent()
    for _ in range(times):
        grade_item(item)
    close_workers()  # its CPU time counts when it has ended
    return spent() - before


if __name__ == "__main__":
    main()
