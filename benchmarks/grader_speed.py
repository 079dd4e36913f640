"""What a graded sample costs, side by side with what a user would run instead.

    python benchmarks/grader_speed.py [--problems 30] [--rounds 3] [--json]

Ways, interleaved in one run on the same candidates and without any cache:

    ours      grade(): extraction, pyverilog, sandbox, cocotb verdict, in a warm worker
    floor     compile and bare simulation of the design alone, nothing driven, nothing compared
    official  the published v2 flow: iverilog and vvp per sample with its own flags
    harness   the published v1 harness's way: a new Python process per sample around that
    cocotb    cocotb_tools.runner per sample with the same testbench (a few samples only)

Candidates are VerilogEval v2's references and mutants of them that fail early, fail late or do
not compile. Printed: processor and wall milliseconds per sample, ratios, throughput of 1 and 2
workers, and a worker's memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from itertl_eval import grading, load_suite
from itertl_eval.grader.icarus import Icarus, find_icarus
from itertl_eval.grading import Item, close_workers, grade_many, judge
from itertl_eval.mutate import mutants
from itertl_eval.problem import Problem
from itertl_eval.suites._published import published_bench

FLAGS = ["-Wall", "-Winfloop", "-Wno-timescale", "-g2012", "-s", "tb"]
SECONDS = 30
"""The published time limit of a simulation."""
Cost = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problems", type=int, default=30, help="evenly spread over the suite")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many is kept")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    suite = load_suite("verilogeval_code_complete")
    names = list(suite)[:: max(1, len(suite) // options.problems)]
    candidates = [pair for name in names for pair in make_candidates(suite[name])]
    ways = {"ours": ours, "floor": floor, "official": official, "harness": harness}
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    ours(*candidates[0])  # starts the worker
    for problem, text in candidates:
        rounds: dict[str, list[Cost]] = {way: [] for way in ways}
        for _ in range(options.rounds):
            for way, run in ways.items():
                rounds[way].append(run(problem, text))
        for way in ways:
            costs[way].append(min(rounds[way]))
    slow = [cocotb_runner(problem, text) for problem, text in candidates[:4]]
    report = summarize(costs, slow, len(candidates))
    report["worker_rss_mib"] = _rss(grading._local.lease.worker._process.pid)
    report["throughput"] = throughput(candidates)
    print(json.dumps(report, indent=2) if options.json else as_text(report))


def make_candidates(problem: Problem) -> list[tuple[Problem, str]]:
    """The reference, two mutants and a text that does not compile."""
    changed = mutants(problem.reference, problem.top, limit=2)
    broken = problem.reference.replace("endmodule", "assign = ; endmodule", 1)
    return [(problem, text) for text in [problem.reference, *(m.source for m in changed), broken]]


def measured(run: Callable[[], object]) -> Cost:
    """(processor, wall) milliseconds of this process and its children."""
    before, began = _cpu(), time.perf_counter()
    run()
    return (_cpu() - before) * 1e3, (time.perf_counter() - began) * 1e3


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def ours(problem: Problem, text: str) -> Cost:
    """All of grade: this process, the worker and the sample's own processes."""
    _spent.clear()
    cpu, wall = measured(lambda: judge(Item(problem, text, cache=False)))
    return cpu + sum(_spent) * 1e3, wall


_spent: list[float] = []
_run_job = grading._run


def _recorded(job: dict, icarus: Icarus) -> dict:
    result = _run_job(job, icarus)
    _spent.append(result.get("cpu", 0.0))  # seconds, as the kernel counted them
    return result


grading._run = _recorded


def floor(problem: Problem, text: str) -> Cost:
    """ivl and vvp on the design alone, nothing driven: what no grader can go below."""
    icarus = find_icarus()

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            Path(folder, "a.sv").write_text(text)
            command = [icarus.iverilog, "-g2012", "-s", problem.top, "-o", "a.vvp", "a.sv"]
            if _quiet(command, folder) == 0:
                _quiet([icarus.vvp, "-n", "a.vvp"], folder)

    return measured(run)


def official(problem: Problem, text: str) -> Cost:
    bench = published_bench(problem)
    icarus = find_icarus()

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            for name, content in (("a.sv", text), ("t.sv", bench.test), ("r.sv", bench.reference)):
                Path(folder, name).write_text(content)
            if (
                _quiet([icarus.iverilog, *FLAGS, "-o", "a.vvp", "a.sv", "t.sv", "r.sv"], folder)
                == 0
            ):
                _quiet([icarus.vvp, "-n", "a.vvp"], folder)

    return measured(run)


def harness(problem: Problem, text: str) -> Cost:
    def run() -> None:
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_in_shell, args=(problem, text))
        process.start()
        process.join()

    return measured(run)


def _in_shell(problem: Problem, text: str) -> None:
    bench = published_bench(problem)
    with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
        for name, content in (("a.sv", text), ("t.sv", bench.test), ("r.sv", bench.reference)):
            Path(folder, name).write_text(content)
        flags = " ".join(FLAGS)
        line = f"iverilog {flags} -o a.vvp a.sv t.sv r.sv && vvp -n a.vvp"
        _quiet(["sh", "-c", line], folder)


def cocotb_runner(problem: Problem, text: str) -> Cost:
    code = (
        "import sys; from cocotb_tools.runner import get_runner; r = get_runner('icarus');"
        f"r.build(sources=['a.sv'], hdl_toplevel={problem.top!r}, timescale=('1ns', '1ps'));"
        f"r.test(hdl_toplevel={problem.top!r}, test_module={Path(str(problem.testbench)).stem!r},"
        " test_dir='.')"
    )

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=_scratch()) as folder:
            Path(folder, "a.sv").write_text(text)
            path = os.pathsep.join([str(Path(str(problem.testbench)).parent), *sys.path])
            _quiet([sys.executable, "-c", code], folder, {**os.environ, "PYTHONPATH": path})

    return measured(run)


def _scratch() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _quiet(command: list[str], folder: str, environment: dict[str, str] | None = None) -> int:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 1
    return done.returncode


def _rss(pid: int) -> float:
    fields = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()
    return int(fields[0]) / 1024


def throughput(candidates: list[tuple[Problem, str]]) -> dict[str, float]:
    """Samples per second with 1 and with 2 workers, and the ratio."""
    rates = {}
    for jobs in (1, 2):
        close_workers()
        items = [Item(problem, text, cache=False) for problem, text in candidates * 2]
        grade_many(items[: 2 * jobs], jobs=jobs)
        began = time.perf_counter()
        grade_many(items, jobs=jobs)
        rates[f"workers_{jobs}"] = len(items) / (time.perf_counter() - began)
    return {**rates, "ratio": rates["workers_2"] / rates["workers_1"]}


def summarize(costs: dict[str, list[Cost]], slow: list[Cost], count: int) -> dict:
    def both(values: list[Cost]) -> dict[str, float]:
        cpu, wall = [c for c, _ in values], [w for _, w in values]
        return {
            "cpu_median": statistics.median(cpu), "cpu_mean": statistics.fmean(cpu),
            "wall_median": statistics.median(wall), "wall_mean": statistics.fmean(wall),
        }  # fmt: skip

    ways = {way: both(values) for way, values in costs.items()} | {"cocotb": both(slow)}
    ratios = {
        way: {key: ways["ours"][key] / ways[way][key] for key in ways["ours"]}
        for way in ways if way != "ours"
    }  # fmt: skip
    return {
        "simulator": find_icarus().name, "candidates": count, "milliseconds": ways,
        "ours_over": ratios,
    }  # fmt: skip


def as_text(report: dict) -> str:
    lines = [f"{report['simulator']}, {report['candidates']} candidates, milliseconds per sample"]
    lines.append(f"{'':10}{'cpu median':>12}{'cpu mean':>12}{'wall median':>12}{'wall mean':>12}")
    for way, row in report["milliseconds"].items():
        lines.append(f"{way:10}" + "".join(f"{value:12.1f}" for value in row.values()))
    for way, row in report["ours_over"].items():
        lines.append(f"ours/{way:10}" + "".join(f"{value:11.2f}x" for value in row.values()))
    rates = report["throughput"]
    lines.append(
        f"throughput: {rates['workers_1']:.1f}/s with 1 worker, {rates['workers_2']:.1f}/s with 2 "
        f"({rates['ratio']:.2f} times); a worker holds {report['worker_rss_mib']:.0f} MiB"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
