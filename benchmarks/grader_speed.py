"""What a graded sample costs, side by side with what a user would run instead.

    python benchmarks/grader_speed.py [--problems N] [--every-kind] [--rounds N] [--json]

Ways, interleaved in one run on the same candidates and without any cache:

    ours      grade(): extraction, pyverilog, sandbox, cocotb verdict, in a warm worker
    first     the same without a partial score: to the first test case that fails
    floor     compile and bare simulation of the design alone, nothing driven, nothing compared
    official  the published v2 flow: iverilog and vvp per sample with its own flags
    harness   the published v1 harness's way: a manager and a process per sample around that
    cocotb    cocotb_tools.runner per sample with the same testbench (a few samples only)

Candidates are VerilogEval v2's references, mutants of them that fail early and that fail late,
and texts that do not compile: one kind a problem in turn, or all of them with --every-kind.
Each way first runs on the same text with a comment, which does not count: a run grades one sample
after another, while here the way before would have filled the processor's caches with its own.
Printed: milliseconds of CPU and wall time per sample, ratios, throughput of 1 and of 2 workers,
and a worker's memory. CPU time hardly depends on what else the machine does; wall time
and throughput mean something on an idle one only, so the load is printed beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from other_ways import Cost, cocotb_runner, floor, harness, measured, official

from itertl_eval import load_suite
from itertl_eval._util.progress import Progress
from itertl_eval.authoring.mutate import mutants
from itertl_eval.grader import (
    Icarus,
    Item,
    Job,
    close_workers,
    find_icarus,
    grade,
    grade_item,
    grade_many,
)
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Problem

KINDS = ("reference", "early", "late", "broken")
REPEATS = 8
"""Of the samples for throughput: the last ones, when one worker has no more, must weigh little."""
MUTANTS = 6
"""How many mutants the one that fails early or late is chosen from."""
Candidate = tuple[Problem, str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problems", type=int, default=156, help="evenly spread over the suite")
    parser.add_argument("--every-kind", action="store_true", help="four candidates a problem")
    parser.add_argument("--rounds", type=int, default=1, help="the best of so many is kept")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    suite = load_suite("verilogeval_code_complete")
    names = list(suite.covered)[:: max(1, len(suite.covered) // options.problems)]
    ways = {
        "ours": ours, "first": first, "floor": floor, "official": official, "harness": harness
    }  # fmt: skip
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    kinds: list[str] = []
    slow: list[Cost] = []
    with Progress("measuring", len(names), "problem") as bar:
        for number, name in enumerate(names):
            wanted = KINDS if options.every_kind else (KINDS[number % len(KINDS)],)
            for problem, kind, text in candidates(suite[name], wanted):
                rounds = [
                    {way: warm(run, problem, text) for way, run in ways.items()}
                    for _ in range(options.rounds)
                ]
                for way in ways:
                    costs[way].append(min(row[way] for row in rounds))
                kinds.append(kind)
                if kind == "reference" and len(slow) < 3:
                    slow.append(cocotb_runner(problem, text))
            bar.update()
    report = summarize(costs, slow, kinds)
    worker = pool.current_worker()
    assert worker is not None
    report["worker_rss_mib"] = _rss(worker._process.pid)
    report["throughput"] = throughput([suite[name] for name in names])
    print(json.dumps(report, indent=2) if options.json else as_text(report))


def candidates(problem: Problem, kinds: tuple[str, ...]) -> Iterator[Candidate]:
    """A problem's candidates of these kinds; one without a mutant that fails has fewer."""
    grade(problem, problem.reference, cache=False)  # the testbench is loaded, the limit known
    failing: list[tuple[tuple[int, int], str]] = []
    if "early" in kinds or "late" in kinds:
        for mutant in mutants(problem.reference, problem.top, limit=MUTANTS):
            verdict = grade(problem, mutant.source, cache=False)
            found = re.search(r"(\d+) ns", verdict.message)
            if verdict.stage == "simulate" and found:
                failing.append(((verdict.cases_passed, int(found[1])), mutant.source))
        failing.sort()
    texts = {
        "reference": problem.reference,
        "early": failing[0][1] if failing else None,
        "late": failing[-1][1] if failing else None,
        "broken": problem.reference.replace("endmodule", "assign = ; endmodule", 1),
    }
    for kind in kinds:
        if (text := texts[kind]) is not None:
            yield problem, kind, text


def warm(run: Callable[[Problem, str], Cost], problem: Problem, text: str) -> Cost:
    """Return what a candidate costs right after another one like it."""
    run(problem, f"{text}\n// one more\n")
    return run(problem, text)


def ours(problem: Problem, text: str, *, partial: bool = True) -> Cost:
    """All of grade: this process, the worker and the sample's own processes."""
    _spent.clear()
    item = Item(problem, text, cache=False, partial=partial)
    cpu, wall = measured(lambda: grade_item(item))
    return cpu + sum(_spent) * 1e3, wall


def first(problem: Problem, text: str) -> Cost:
    return ours(problem, text, partial=False)


_spent: list[float] = []
_run_job = pool.run


def _recorded(job: Job, icarus: Icarus, tried: Outcome | None = None) -> Outcome:
    result = _run_job(job, icarus, tried)
    _spent.append(result.cpu)  # seconds of worker and sample, as the kernel counts them
    return result


pool.run = _recorded


def _rss(pid: int) -> float:
    """MiB of a worker and of the process that compiles for it; what both share counts twice."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    texts = [Path(f"/proc/{one}/status").read_text() for one in (pid, *children)]
    return sum(int(text.split("VmRSS:")[1].split()[0]) for text in texts) / 1024


def throughput(problems: list[Problem]) -> dict[str, float]:
    """Samples per second of wall time with 1 and with 2 workers, their ratio, and the load.

    What two cores of this machine give at most is said by the floor, run on one and on two.
    """
    rates = {}
    for jobs in (1, 2):
        close_workers()
        items = [Item(problem, problem.reference, cache=False) for problem in problems]
        grade_many(items[: 2 * jobs], jobs=jobs)
        began = time.perf_counter()
        grade_many(items * REPEATS, jobs=jobs)
        rates[f"workers_{jobs}"] = REPEATS * len(items) / (time.perf_counter() - began)
        began = time.perf_counter()
        with ThreadPoolExecutor(jobs) as threads:
            runs = threads.map(lambda one: floor(one, one.reference), problems * REPEATS)
            rates[f"floor_{jobs}"] = len(list(runs)) / (time.perf_counter() - began)
    ratios = {
        "ratio": rates["workers_2"] / rates["workers_1"],
        "floor_ratio": rates["floor_2"] / rates["floor_1"],
    }
    return {**rates, **ratios, "load": os.getloadavg()[0]}


def summarize(costs: dict[str, list[Cost]], slow: list[Cost], kinds: list[str]) -> dict:
    def both(values: list[Cost]) -> dict[str, float]:
        cpu, wall = [c for c, _ in values], [w for _, w in values]
        return {
            "cpu_median": statistics.median(cpu), "cpu_mean": statistics.fmean(cpu),
            "wall_median": statistics.median(wall), "wall_mean": statistics.fmean(wall),
        }  # fmt: skip

    ways = {way: both(values) for way, values in costs.items()} | {"cocotb": both(slow)}
    by_kind = {
        kind: {
            way: statistics.median(c for (c, _), k in zip(rows, kinds, strict=True) if k == kind)
            for way, rows in costs.items()
        }
        for kind in KINDS if kind in kinds
    }  # fmt: skip
    ratios = {
        f"{mine}_over": {
            way: {key: ways[mine][key] / ways[way][key] for key in ways[mine]}
            for way in ways if way not in ("ours", "first")
        }
        for mine in ("ours", "first")
    }  # fmt: skip
    return {
        "simulator": find_icarus().name, "candidates": len(kinds), "milliseconds": ways,
        "cpu_median_by_kind": by_kind, **ratios,
    }  # fmt: skip


def as_text(report: dict) -> str:
    lines = [f"{report['simulator']}, {report['candidates']} candidates, milliseconds per sample"]
    lines.append(f"{'':14}{'cpu median':>12}{'cpu mean':>12}{'wall median':>12}{'wall mean':>12}")
    for way, row in report["milliseconds"].items():
        lines.append(f"{way:14}" + "".join(f"{value:12.1f}" for value in row.values()))
    for mine in ("ours", "first"):
        for way, row in report[f"{mine}_over"].items():
            shown = "".join(f"{value:11.2f}x" for value in row.values())
            lines.append(f"{f'{mine}/{way}':14}{shown}")
    for kind, row in report["cpu_median_by_kind"].items():
        shown = ", ".join(f"{way} {value:.1f}" for way, value in row.items())
        lines.append(f"cpu median, {kind}: {shown}")
    rates = report["throughput"]
    lines.append(
        f"throughput: {rates['workers_1']:.1f}/s with 1 worker, {rates['workers_2']:.1f}/s with 2 "
        f"({rates['ratio']:.2f} times; the floor: {rates['floor_ratio']:.2f}; "
        f"load {rates['load']:.1f}); a worker holds {report['worker_rss_mib']:.0f} MiB"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
