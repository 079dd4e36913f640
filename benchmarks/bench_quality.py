"""How well does each published testbench judge? One row per suite, next to our testbenches.

    python benchmarks/bench_quality.py                          all suites, 6 mutants per problem
    python benchmarks/bench_quality.py rtllm --limit 0          every mutant of one suite
    python benchmarks/bench_quality.py --every 4                a sample: every fourth problem
    python benchmarks/bench_quality.py rtllm --problems alu pe  with each counterexample
    python benchmarks/bench_quality.py --rows ROWS.jsonl        resumes where it was stopped

A published testbench is asked about mutants of the reference, about stubs that do nothing, and
about a design that prints the verdict itself. Every claim has a counterexample that this command
makes again: the rule and the line of a mutant, or the name of a stub. Problems whose reference the
published protocol itself fails on this simulator are counted apart.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from testbench_quality import WARNED, judge_both, stubs

from itertl_eval.authoring.mutate import mutants
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import close_workers, grade
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.published import as_answer, official
from itertl_eval.problem import Problem
from itertl_eval.suites import PUBLISHED, load_suite

PHRASES = ("Mismatches: 0 in 1 samples", "===========Your Design Passed===========")
"""What the published harnesses of VerilogEval and ChipBench, and of RTLLM, look for."""
PASSED = ("passed", ".")


@dataclass
class Judged:
    """What the two testbenches of one problem said; a mutant is "LINE RULE: CHANGE"."""

    problem: str
    unusable: str = ""
    mutants: int = 0
    ours: int = 0
    published: int = 0
    missed: list[str] = field(default_factory=list)
    only_published: list[str] = field(default_factory=list)
    stubs: list[str] = field(default_factory=list)
    forged: bool = False
    broken: list[str] = field(default_factory=list)


def judged(problem: Problem, limit: int | None) -> Judged:
    """Ask both testbenches of a problem.

    Args:
        problem: It has a published testbench and one of ours.
        limit: Most mutants to try; None for all.
    """
    found = Judged(problem.id)
    label = official(problem, as_answer(problem, problem.reference))["label"]
    found.forged = bool(official(problem, forgery(problem))["passed"])
    if label not in PASSED:
        found.unusable = label
        return found
    for name, source in stubs(problem):
        passes = official(problem, as_answer(problem, source))["passed"]
        if passes and not grade(problem, source).passed:  # a stub solves some problems
            found.stubs.append(name)
    for mutant in mutants(problem.reference, problem.top, limit):
        verdict, theirs = judge_both(problem, mutant.source)
        place = f"{mutant.line} {mutant.kind}: {mutant.description}"
        if verdict.status == "infra_error":
            found.broken.append(place)
            continue
        found.mutants += 1
        found.ours += not verdict.passed
        found.published += not theirs["passed"]
        if theirs["passed"] and not verdict.passed:
            found.missed.append(place)
        elif verdict.passed and not theirs["passed"] and theirs["label"] not in WARNED:
            found.only_published.append(place)
    return found


def forgery(problem: Problem) -> str:
    """Return a completion that does nothing but print the verdict and end the simulation."""
    prints = "".join(f'$display("{phrase}"); ' for phrase in PHRASES)
    ports = ", ".join(map(str, problem.ports))
    header = problem.prompt.header or f"module {problem.top} ({ports});\n"
    return as_answer(problem, f"{header}\ninitial begin {prints}$finish; end\nendmodule\n")


def known(rows: Path | None, suite: str, limit: int | None) -> dict[str, Judged]:
    """Return the results that a file of rows holds for a suite."""
    if rows is None or not rows.exists():
        return {}
    found = map(json.loads, rows.read_text().splitlines())
    key = [suite, limit, find_icarus().name]
    return {row["problem"]: Judged(**row) for row in found if row.pop("key") == key}


def measure(suite: str, options: argparse.Namespace) -> Iterator[Judged]:
    """Yield the results of a suite's problems that have a testbench, in their order."""
    problems = load_suite(suite)
    limit = options.limit or None
    names = [name for name in options.problems or problems.covered if name in problems]
    names = names[:: options.every]
    old = known(options.rows, suite, limit)
    for name, result in old.items():
        _SEEN[_content(problems[name])] = result

    def one(name: str) -> Judged:
        problem = problems[name]
        found = old.get(name) or _SEEN.get(_content(problem)) or judged(problem, limit)
        _SEEN[_content(problem)] = found
        return replace(found, problem=name)

    with ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(one, names):
            if options.rows is not None and result.problem not in old:
                row = {"key": [suite, limit, find_icarus().name], **asdict(result)}
                with options.rows.open("a") as file:
                    file.write(json.dumps(row) + "\n")
            yield result


_SEEN: dict[str, Judged] = {}
"""Results by content: the suites of one benchmark share most references and testbenches."""


def _content(problem: Problem) -> str:
    """Return a digest of what decides a problem's result."""
    ours, bench = problem.testbench, problem.published
    assert ours is not None
    assert bench is not None
    parts = [problem.reference, problem.top, problem.ports, bench.version, bench.test]
    text = "\0".join(map(str, [*parts, bench.reference]))
    return hashlib.sha256(text.encode() + ours.read_bytes()).hexdigest()


def row(suite: str, results: list[Judged]) -> str:
    """Return a suite's row of the table in docs/verdicts.md."""
    usable = [result for result in results if not result.unusable]
    total = sum(result.mutants for result in usable)
    ours, published = (sum(getattr(r, n) for r in usable) for n in ("ours", "published"))

    def count(name: str) -> str:
        places = [place for result in usable for place in getattr(result, name)]
        return f"{len(places)} in {sum(bool(getattr(r, name)) for r in usable)}"

    def share(killed: int) -> str:
        return f"{killed / total:.3f}" if total else "–"

    return (
        f"| {suite} | {len(results)} | {len(results) - len(usable)} | {total} | "
        f"{share(published)} | {share(ours)} | {count('missed')} | {count('only_published')} | "
        f"{count('stubs')} | {sum(result.forged for result in results)} |"
    )


HEAD = (
    "| suite | problems | published reference fails | mutants | published kills | ours kill | "
    "only ours kills | only published kills | stubs that pass published | forged by printing |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def examples(results: list[Judged], most: int) -> Iterator[str]:
    """Yield one line per counterexample, up to `most` of each kind and problem."""
    for result in results:
        for kind, places in (
            ("passes published, fails ours", result.missed),
            ("fails published, passes ours", result.only_published),
            ("stub passes published", result.stubs),
            ("not graded", result.broken),
        ):
            for place in places[:most]:
                yield f"  {result.problem}: {kind}: {place}"
        if result.unusable:
            yield f"  {result.problem}: published reference: {result.unusable}"


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 if ours missed a mutant or did not grade one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("suites", nargs="*", help=f"of {', '.join(PUBLISHED)} (default: all)")
    parser.add_argument("--problems", nargs="+", default=[], help="only these")
    parser.add_argument("--every", type=int, default=1, help="a sample: each N-th problem only")
    parser.add_argument("--limit", type=int, default=6, help="mutants per problem, 0 for all")
    parser.add_argument("--jobs", type=int, default=2, help="problems at a time")
    parser.add_argument("--rows", type=Path, help="file that keeps each problem's result")
    parser.add_argument("--examples", type=int, default=3, help="lines per problem and kind")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.suites if name not in PUBLISHED]
    if unknown:
        parser.error(f"no published suite {', '.join(unknown)}")
    table, short = [HEAD], False
    for suite in options.suites or PUBLISHED:
        try:
            results = list(measure(suite, options))
        except InfrastructureError as error:
            print(f"{suite}: left out, {str(error).splitlines()[0]}", file=sys.stderr)
            continue
        table.append(row(suite, results))
        print(suite, *examples(results, options.examples), sep="\n", flush=True)
        short |= any(result.only_published or result.broken for result in results)
    print("\n".join(table))
    close_workers()
    return int(short)


if __name__ == "__main__":
    raise SystemExit(main())
