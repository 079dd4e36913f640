"""Measure our testbenches against the official ones: references, stubs, rewritings, mutants.

    python benchmarks/testbench_quality.py                         all problems, 40 mutants each
    python benchmarks/testbench_quality.py fsm3s lfsr5 --limit 0   all mutants of two problems
    python benchmarks/testbench_quality.py --rows ROWS.jsonl       resumes where it was stopped

A MISS is a mutant that the official testbench kills and ours does not. The exit code is 1 if there
is one, if a reference fails, if a stub passes that officially fails, or if the two disagree about
a rewriting with the same behaviour (rewritings.py). EXTRA are mutants that only ours kills: each
is either a gap in the official testbench or a demand that the specification does not make; the
message is the counterexample. A mutant that the official protocol rejects for a compiler warning
alone counts as "warned" and is not a miss.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rewritings import rewritings

from itertl_eval.authoring.mutate import KINDS, Mutant, mutants
from itertl_eval.grader import close_workers, default_jobs, grade
from itertl_eval.grader.compile._icarus import find_icarus
from itertl_eval.grader.published import SECONDS, Official, as_answer, official
from itertl_eval.problem import Problem
from itertl_eval.suites import load_suite
from itertl_eval.verdict import Verdict

WARNED = ("failed: compile error.", "failed: syntax error.", "C", "S", "e", "n", "w", "p", "m", "c")
NO_MISS = {"dff8": "-\t\tq = 8'h0;"}
"""Problem -> what its mutants may change unnoticed, for the reason in the errata."""


@dataclass
class Quality:
    """The measurements of one testbench."""

    problem: str
    ours: str = ""
    official: str = ""
    stubs: list[str] = field(default_factory=list)
    rewritten: int = 0
    disagree: list[str] = field(default_factory=list)
    mutants: int = 0
    killed: int = 0
    killed_officially: int = 0
    misses: list[dict[str, str]] = field(default_factory=list)
    extra: list[dict[str, str]] = field(default_factory=list)
    warned: list[dict[str, str]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        golden = self.ours == "pass" and self.official in ("passed", ".")
        return golden and not (self.stubs or self.disagree or self.misses or self.broken)

    def __str__(self) -> str:
        golden = f"golden {self.ours or '?'}/{self.official or '?'}"
        return (
            f"{'ok  ' if self.good else 'FAIL'} {self.problem:24} {golden:18} "
            f"mutants {self.mutants:3}  ours {self.killed:3}  official {self.killed_officially:3}  "
            f"MISS {len(self.misses):2}  EXTRA {len(self.extra):2}  warned {len(self.warned):2}  "
            f"stubs {','.join(self.stubs) or '-'}  "
            f"rewritten {self.rewritten} {','.join(self.disagree)}  {self.seconds:.0f} s"
        )


def stubs(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yield (name, source) of designs that do nothing of what the problem asks for."""
    inputs = [port.name for port in problem.inputs]
    values = {
        "empty": None,
        "zeros": "'0",
        "ones": "'1",
        "unknown": "'x",
        "passthrough": f"{{{', '.join(inputs)}}}" if inputs else None,
    }
    header = problem.prompt.header or _header(problem)
    for name, value in values.items():
        lines = [f"  always @* {port.name} = {value};" for port in problem.outputs]
        if not inputs or name != "passthrough":
            lines = [f"  initial {port.name} = {value};" for port in problem.outputs]
        body = "" if value is None else "\n".join(lines)
        yield name, f"{_variables(header)}\n{body}\nendmodule\n"


def _header(problem: Problem) -> str:
    return f"module {problem.top} ({', '.join(map(str, problem.ports))});"


def _variables(header: str) -> str:
    """Return the header with its outputs as variables, so that a stub can assign them."""
    words = header.replace("output wire", "output").replace("output reg", "output")
    return words.replace("output logic", "output").replace("output", "output reg")


def chosen(problem: Problem, options: argparse.Namespace) -> list[Mutant]:
    """Return the mutants of a problem's reference that the command line asks for."""
    limit = options.limit or None
    if not options.kinds:
        return mutants(problem.reference, problem.top, limit, options.seed)
    every = mutants(problem.reference, problem.top)
    return [mutant for mutant in every if mutant.kind in options.kinds][:limit]


def measure(problem: Problem, options: argparse.Namespace) -> Quality:
    """Grade the reference, the stubs and the mutants of a problem both ways."""
    started = time.monotonic()
    quality = Quality(problem.id)
    verdict = grade(problem, problem.reference)
    quality.ours = verdict.status if verdict.passed else f"{verdict.stage}: {verdict.message}"
    quality.official = official(problem, as_answer(problem, problem.reference))["label"]
    for name, source in stubs(problem):
        # A stub solves some problems: then the official testbench lets it pass too.
        if grade(problem, source).passed and not _official_stub(problem, source):
            quality.stubs.append(name)
    for name, source in rewritings(problem):
        ours, theirs = judge_both(problem, source)
        quality.rewritten += ours.passed and theirs["passed"]
        if ours.passed != theirs["passed"] and theirs["label"] not in WARNED:
            quality.disagree.append(f"{name} {ours.stage}/{theirs['label']}")
    for mutant in chosen(problem, options):
        compare(problem, mutant, quality)
    quality.seconds = round(time.monotonic() - started, 1)
    return quality


def measure_once(problem: Problem, options: argparse.Namespace) -> Quality:
    """Return the result of `measure`, from the file of --rows if the same was measured before."""
    if options.rows is None:
        return measure(problem, options)
    sources = [mutant.source for mutant in chosen(problem, options)]
    facts = [find_icarus().name, problem.suite, problem.digest, sources]
    key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    if options.rows.exists():
        for line in options.rows.read_text().splitlines():
            row = json.loads(line)
            if row.pop("key") == key:
                return Quality(**row)
    quality = measure(problem, options)
    with options.rows.open("a") as file:
        file.write(json.dumps({"key": key, **asdict(quality)}) + "\n")
    return quality


def _official_stub(problem: Problem, source: str) -> bool:
    """Grade a stub officially, without its header: the published one must not be changed."""
    header = problem.prompt.header
    if not header:
        return official(problem, as_answer(problem, source))["passed"]
    body = source.split(");", 1)[1]
    changed = body.replace("initial", "assign").replace("always @*", "assign")
    return any(official(problem, text)["passed"] for text in (body, changed))


def judge_both(problem: Problem, source: str) -> tuple[Verdict, Official]:
    """Return our verdict and the published one, repeated if a busy machine hit its time limit."""
    verdict, text = grade(problem, source, partial=False), as_answer(problem, source)
    theirs = official(problem, text)
    if verdict.passed and theirs["label"] in ("timed out", "T"):
        theirs = official(problem, text, seconds=10 * SECONDS)
    return verdict, theirs


def compare(problem: Problem, mutant: Mutant, quality: Quality) -> None:
    """Grade one mutant both ways and note if the two disagree."""
    verdict, theirs = judge_both(problem, mutant.source)
    facts = {
        "kind": mutant.kind,
        "line": str(mutant.line),
        "description": mutant.description,
        "diff": mutant.diff,
        "message": f"{verdict.stage}: {verdict.message}",
        "official": theirs["label"],
    }
    quality.mutants += 1
    quality.killed += not verdict.passed
    quality.killed_officially += not theirs["passed"]
    if verdict.status == "infra_error":
        quality.broken.append(verdict.message)
    elif quality.official not in ("passed", "."):
        pass  # the official testbench refuses its own reference
    elif verdict.passed and problem.id in NO_MISS and NO_MISS[problem.id] in mutant.diff:
        pass
    elif verdict.passed and not theirs["passed"]:
        (quality.warned if theirs["label"] in WARNED else quality.misses).append(facts)
    elif theirs["passed"] and not verdict.passed:
        quality.extra.append(facts)


def show(quality: Quality) -> None:
    """Print one problem: the counts, then the disagreements."""
    print(quality, flush=True)
    for error in quality.broken:
        print(f"  BROKEN {error}")
    for name, group in (("MISS", quality.misses), ("EXTRA", quality.extra)):
        for facts in group:
            said = facts["official"] if name == "MISS" else facts["message"]
            print(f"  {name} {facts['kind']}, line {facts['line']}: {facts['description']}")
            print(f"    {said}")
            if name == "MISS":
                print("\n".join(f"    {line}" for line in facts["diff"].splitlines()[2:]))
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Measure the testbenches named on the command line; return 1 if one of them is not sound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("problems", nargs="*", help="problem names (default: all with a testbench)")
    parser.add_argument("--suite", default="verilogeval_human")
    parser.add_argument("--limit", type=int, default=40, help="mutants per problem, 0 for all")
    parser.add_argument("--seed", type=int, default=0, help="which mutants are chosen")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, metavar="KIND", help="only these")
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="problems at a time")
    parser.add_argument("--rows", type=Path, help="file that keeps each problem's result")
    parser.add_argument("--json", action="store_true", help="one JSON object at the end instead")
    options = parser.parse_args(arguments)
    suite = load_suite(options.suite)
    unknown = [name for name in options.problems if name not in suite]
    if unknown:
        parser.error(f"{options.suite} has no {', '.join(unknown)}")
    names = options.problems or suite.covered
    bare = [name for name in names if suite[name].testbench is None]
    if bare:
        parser.error(f"no testbench for {', '.join(bare)}")
    found = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for quality in pool.map(lambda name: measure_once(suite[name], options), names):
            found.append(quality)
            if not options.json:
                show(quality)
    close_workers()
    summary = {
        "suite": options.suite,
        "simulator": find_icarus().name,
        "problems": len(found),
        "good": sum(quality.good for quality in found),
        "rewritten": sum(quality.rewritten for quality in found),
        "mutants": sum(quality.mutants for quality in found),
        "killed": sum(quality.killed for quality in found),
        "killed_officially": sum(quality.killed_officially for quality in found),
        "misses": sum(len(quality.misses) for quality in found),
        "extra": sum(len(quality.extra) for quality in found),
        "warned": sum(len(quality.warned) for quality in found),
    }
    if options.json:
        print(json.dumps({**summary, "details": [asdict(quality) for quality in found]}, indent=1))
    else:
        print("  ".join(f"{key} {value}" for key, value in summary.items()))
    return 0 if summary["good"] == len(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
