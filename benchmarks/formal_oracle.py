"""Ask Yosys about designs that pass a suite's testbenches: proved, refuted or unknown.

    python benchmarks/formal_oracle.py SUITE [NAME ...] [--mutants N] [--killed N] [--seconds N]
                                       [--jobs N] [--rows FILE] [--count N]
    python benchmarks/formal_oracle.py SUITE [NAME ...] --samples SAMPLES.jsonl [--most N] ...
    python benchmarks/formal_oracle.py SUITE --same-as OTHER ...

Each mutant of a reference that passes the problem's testbench, or each completion of a samples
file that does, is compared with the reference for all inputs (itertl_eval.formal). A refuted one
is a gap of the testbench or an input that the specification does not allow; it is printed with its
counterexample. --killed also asks about so many designs of each problem that the testbench fails:
one that is proved is a fault of the proof or of the testbench, and the exit code is 1. With --rows,
a run resumes where it was stopped; mutants and samples need a file each. --same-as takes the rows
of problems whose reference and testbench another suite has, too. Needs the extra `formal`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from itertl_eval.authoring import listed_reason, mutants
from itertl_eval.errors import ItertlError
from itertl_eval.formal import Equivalence, prove_equivalent
from itertl_eval.grader import Item, default_jobs, grade_many, read_samples
from itertl_eval.problem import Problem, Suite
from itertl_eval.suites import load_suite

WORST = ("refuted", "unknown", "proved")


@dataclass(frozen=True)
class Candidate:
    """A design to ask about: a mutant, or what a completion holds."""

    label: str
    source: str


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("suite")
    parser.add_argument("names", nargs="*", metavar="NAME", help="problems (default: all)")
    parser.add_argument("--mutants", type=int, default=20, help="of each problem (default 20)")
    parser.add_argument("--samples", type=Path, help="ask about these completions, not mutants")
    parser.add_argument("--most", type=int, help="different passing completions of each problem")
    parser.add_argument("--killed", type=int, default=0, help="of each problem (default 0)")
    parser.add_argument("--seconds", type=int, default=20, help="for each proof (default 20)")
    parser.add_argument("--jobs", type=int, default=default_jobs())
    parser.add_argument("--count", type=int, help="only so many problems, spread over the suite")
    parser.add_argument("--rows", type=Path, help="JSON lines, one for each mutant asked about")
    parser.add_argument("--same-as", metavar="SUITE", help="take over its rows in the file of rows")
    options = parser.parse_args()
    suite = load_suite(options.suite)
    names = options.names or list(suite.covered)
    if options.count:
        names = names[:: -(-len(names) // options.count)]
    rows = [
        row for row in _read(options.rows) if row["suite"] == suite.name and row["problem"] in names
    ]
    if options.same_as:
        rows += _taken_over(suite, names, rows, options)
    samples: dict[str, list[Item]] = {}
    for item in read_samples(options.samples, suite, partial=False) if options.samples else ():
        samples.setdefault(item.problem.id, []).append(item)
    left = [name for name in names if name not in {row["problem"] for row in rows}]
    for name in tqdm(left, unit="problem"):
        for row in [*_ask(suite[name], samples.get(name, []), options)]:
            rows.append({"suite": suite.name, **row})
            if options.rows:
                with options.rows.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    print(page(suite.name, len(names), rows))
    return int(any(row.get("killed") and row["outcome"] == "proved" for row in rows))


def _taken_over(
    suite: Suite, names: list[str], rows: list[dict[str, Any]], options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Return the rows of another suite's problems that are the same but for their prompt."""
    other = load_suite(options.same_as)
    known = dict[Any, list[dict[str, Any]]]()
    for row in _read(options.rows):
        if row["suite"] == other.name:
            known.setdefault(_circuit(other[row["problem"]]), []).append(row)
    done = {row["problem"] for row in rows}
    return [
        {**row, "suite": suite.name, "problem": name}
        for name in names
        if name not in done
        for row in known.get(_circuit(suite[name]), ())
    ]


def _circuit(problem: Problem) -> tuple[Any, ...]:
    """Return what decides the rows of a problem's mutants."""
    settings = tuple(tuple(setting.items()) for setting in problem.parameters)
    return problem.reference, problem.top, problem.ports, problem.testbench, settings


def _ask(
    problem: Problem, samples: list[Item], options: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """One row for each design that is asked about, and one for how many there were."""
    labels, listed = [f"sample {item.sample}" for item in samples], set[str]()
    if not options.samples:
        found = mutants(problem.reference, problem.top, limit=options.mutants)
        samples = [Item(problem, mutant.source, partial=False) for mutant in found]
        labels = [f"line {mutant.line}: {mutant.description}" for mutant in found]
        listed = {
            label
            for label, mutant in zip(labels, found, strict=True)
            if listed_reason(problem, mutant)
        }
    passing, failing = dict[str, Candidate](), dict[str, Candidate]()
    count = ran = passed = 0
    for label, verdict in zip(labels, grade_many(samples, jobs=options.jobs), strict=True):
        count += verdict.status != "infra_error"
        ran += verdict.passed or verdict.stage == "simulate"
        passed += verdict.passed
        group = passing if verdict.passed else failing if verdict.stage == "simulate" else {}
        if verdict.status != "infra_error" and verdict.code is not None:
            group.setdefault(verdict.code, Candidate(label, verdict.code))  # equal ones once
    asked = [(each, False) for each in [*passing.values()][: options.most]]
    asked += [(each, True) for each in [*failing.values()][-options.killed :] if options.killed]

    def prove(candidate: Candidate) -> tuple[Equivalence, float]:
        began = time.monotonic()
        proofs = (
            prove_equivalent(
                replace(problem, parameters=(setting,)), candidate.source, seconds=options.seconds
            )
            for setting in problem.parameters
        )
        worst = min(proofs, key=lambda proof: WORST.index(proof.outcome))
        return worst, time.monotonic() - began

    yield {
        "problem": problem.id,
        "outcome": "tried",
        **{"count": count, "ran": ran, "passed": passed},
    }
    with ThreadPoolExecutor(options.jobs) as threads:
        for (candidate, killed), (proof, seconds) in zip(
            asked, threads.map(prove, [candidate for candidate, _ in asked]), strict=True
        ):
            yield {
                "problem": problem.id,
                "what": candidate.label,
                "killed": killed,
                "listed": candidate.label in listed,
                "outcome": proof.outcome,
                "detail": str(proof.counterexample or proof.reason),
                "power_on": proof.power_on,
                "seconds": round(seconds, 2),
            }


def page(suite: str, problems: int, rows: list[dict[str, Any]]) -> str:
    """Return the table's row for a suite, what each unknown one lacks, and the refuted ones."""
    alive = [row for row in rows if row.get("killed") is False]
    killed = [row for row in rows if row.get("killed")]
    count = Counter(row["outcome"] for row in alive)
    lines = [
        "| suite | problems | designs | passing | proved | refuted | unknown |",
        "|---|---|---|---|---|---|---|",
        f"| {suite} | {problems} | {sum(row.get('count', 0) for row in rows)} | {len(alive)} "
        f"| {count['proved']} | {count['refuted']} | {count['unknown']} |",
        "",
        f"failing ones asked about: {dict(Counter(row['outcome'] for row in killed))}",
    ]
    reasons = Counter(
        row["detail"].partition(": ")[2][:60] or row["detail"]
        for row in alive
        if row["outcome"] == "unknown"
    )
    lines += [f"unknown, {number}: {reason}" for reason, number in reasons.most_common()]
    shown = [row for row in alive if row["outcome"] == "refuted"]
    shown += [row for row in killed if row["outcome"] == "proved"]
    lines += [f"{row['problem']} {row['what']}: {row['outcome']} {row['detail']}" for row in shown]
    return "\n".join(lines)


def _read(file: Path | None) -> list[dict[str, Any]]:
    if file is None or not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ItertlError as error:
        print(f"formal_oracle: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
