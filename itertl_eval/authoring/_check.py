"""Is a task sound? The reference passes, stubs fail, mistakes are noticed, the spec is enough."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxTree

from itertl_eval.authoring._stubs import stub_designs
from itertl_eval.authoring.mutate import Mutant, mutants
from itertl_eval.errors import UsageError
from itertl_eval.grader import (
    BrokenTestbench,
    Item,
    grade_many,
    load_testbench,
    require_testbenches,
)
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

SEEDS = (0, 1, 2)
MIN_SCORE = 0.8
"""Share of mutants that a testbench must notice, unless the caller asks for more."""
_LEAK_CHARACTERS = 24
Progress = Callable[[object], object]


@dataclass
class CheckResult:
    """What `check` found. `shortcomings` is empty for a sound task.

    `reference` holds what came of the reference by seed, and "reversed" with the test cases in
    reverse order. `mutants` counts those that change the behaviour: `survivors` and `killed`;
    `equivalent` are the ones that the task lists as changing nothing, each with the reason.
    """

    task: str
    reference: dict[int | str, str] = field(default_factory=dict)
    stubs_passing: list[str] = field(default_factory=list)
    mutants: int = 0
    killed: int = 0
    survivors: list[dict[str, Any]] = field(default_factory=list)
    equivalent: list[dict[str, Any]] = field(default_factory=list)
    seed_dependent: list[str] = field(default_factory=list)
    order_dependent: list[str] = field(default_factory=list)
    unmentioned_ports: list[str] = field(default_factory=list)
    unmentioned_names: list[str] = field(default_factory=list)
    leaked_lines: list[str] = field(default_factory=list)
    seconds: float = 0.0
    shortcomings: list[str] = field(default_factory=list)

    @property
    def reference_passes(self) -> bool:
        return set(self.reference.values()) == {"pass"}

    @property
    def mutation_score(self) -> float:
        """Killed mutants over all; 1 where the design has no room for any, 0 where none was
        tried because the reference fails."""
        if not self.reference_passes:
            return 0.0
        return self.killed / self.mutants if self.mutants else 1.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "mutation_score": self.mutation_score}


def check(
    problem: Problem, *, limit: int = 40, min_score: float = MIN_SCORE, jobs: int | None = None,
    progress: Progress | None = None,
) -> CheckResult:  # fmt: skip
    """Try a task's testbench on its reference and, when that passes, on stubs and on up to
    `limit` mutants of it.

    Raises UsageError with file and line when the testbench can't be loaded.
    """
    require_testbenches([problem])
    assert problem.testbench is not None
    _load(problem.testbench)
    report = CheckResult(problem.id)
    with tempfile.TemporaryDirectory(prefix="itertl-check-") as folder:
        judge = _Judge(problem, _reversed(problem, Path(folder)), jobs, progress)
        report.shortcomings += _try_reference(judge, report)
        if report.reference_passes:
            report.shortcomings += _try_others(judge, report, limit)
    if report.reference_passes and report.mutation_score < min_score:
        report.shortcomings.append(
            f"{len(report.survivors)} of {report.mutants} mutants survive "
            f"(score {report.mutation_score:.2f}, wanted {min_score:.2f})"
        )
    report.shortcomings += _read_spec(problem, report)
    return report


def _load(path: Path) -> None:
    """Import a testbench here, where what is wrong with it can be told."""
    try:
        load_testbench(path)
    except BrokenTestbench as error:
        raise UsageError(str(error)) from None


def _reversed(problem: Problem, folder: Path) -> Problem:
    """The problem with a copy of its testbench in which the test cases stand the other way round.

    The copy has the same names, so each case draws what it draws in the original.
    """
    assert problem.testbench is not None
    leave = shutil.ignore_patterns("sim_build", "__pycache__")
    own = shutil.copytree(problem.testbench.parent, folder / "reversed", ignore=leave)
    file = own / problem.testbench.name
    with file.open("a", encoding="utf-8") as text:
        text.write(_REVERSE)
    return replace(problem, testbench=file)


_REVERSE = """

def _reverse(names):
    from cocotb.regression import Test, TestGenerator

    tests = [name for name, value in names.items() if isinstance(value, (Test, TestGenerator))]
    for name in reversed(tests):
        names[name] = names.pop(name)


_reverse(globals())
"""
Order = Literal["written", "reversed"]
Run = tuple[str, int, Order]
"""What is simulated, the seed, and the order of the test cases."""


@dataclass
class _Judge:
    """Grades designs under several seeds and in both orders of the test cases."""

    written: Problem
    reversed: Problem
    jobs: int | None
    progress: Progress | None

    def __call__(self, runs: Mapping[Run, str]) -> tuple[dict[Run, Verdict], list[str]]:
        """The verdict of each run's design, and what could not be graded."""
        items = [
            Item(
                self.written if order == "written" else self.reversed, text, 0, seed, partial=False
            )
            for (_, seed, order), text in runs.items()
        ]
        verdicts = grade_many(items, jobs=self.jobs, progress=self.progress)
        lost = [verdict.message for verdict in verdicts if verdict.status == "infra_error"]
        broken = [f"{len(lost)} of {len(runs)} runs could not be graded: {lost[0]}"] if lost else []
        return dict(zip(runs, verdicts, strict=True)), broken


def _try_reference(judge: _Judge, report: CheckResult) -> list[str]:
    runs: dict[Run, str] = {
        ("reference", seed, "written"): judge.written.reference for seed in SEEDS
    }
    runs["reference", SEEDS[0], "reversed"] = judge.written.reference
    found, broken = judge(runs)
    report.seconds = max(verdict.seconds for verdict in found.values())
    failing: dict[str, list[int]] = {}
    for (_, seed, order), verdict in found.items():
        report.reference[seed if order == "written" else order] = verdict.message or "pass"
        if order == "written" and not verdict.passed:
            failing.setdefault(verdict.message, []).append(seed)
    if not broken and not failing and (said := report.reference["reversed"]) != "pass":
        return [f"the reference fails with its test cases in reverse order: {said}"]
    return broken or [
        "the reference fails"
        + (f" with seed {', '.join(map(str, seeds))}" if len(seeds) < len(SEEDS) else "")
        + f": {said}"
        for said, seeds in failing.items()
    ]


def _try_others(judge: _Judge, report: CheckResult, limit: int) -> list[str]:
    problem = judge.written
    changed = mutants(problem.reference, problem.top, limit=limit)
    stubs = stub_designs(problem)
    runs: dict[Run, str] = {(f"stub {n}", SEEDS[0], "written"): text for n, text in stubs.items()}
    for number, mutant in enumerate(changed):
        for seed, order in _MUTANT_RUNS:
            runs[f"mutant {number}", seed, order] = mutant.source
    found, broken = judge(runs)
    report.stubs_passing = [n for n in stubs if found[f"stub {n}", SEEDS[0], "written"].passed]
    wrongly_listed = []
    for number, mutant in enumerate(changed):
        first, other_seed, other_order = (
            found[f"mutant {number}", seed, order].passed for seed, order in _MUTANT_RUNS
        )
        if first != other_seed:
            report.seed_dependent.append(_place(mutant))
        if first != other_order:
            report.order_dependent.append(_place(mutant))
        facts = {"what": mutant.description, "line": mutant.line, "diff": mutant.diff}
        reason = _listed(problem, mutant)
        if not (first and other_seed):
            report.killed += 1
            wrongly_listed += [_place(mutant)] if reason else []
        elif reason:
            report.equivalent.append({**facts, "reason": reason})
        else:
            report.survivors.append(facts)
    report.mutants = report.killed + len(report.survivors)
    return [
        *broken,
        *(f"a stub passes: {name}" for name in report.stubs_passing),
        *(f"listed as equivalent, but noticed: {place}" for place in wrongly_listed),
    ]


_MUTANT_RUNS: tuple[tuple[int, Order], ...] = (
    (SEEDS[0], "written"), (SEEDS[1], "written"), (SEEDS[0], "reversed"),
)  # fmt: skip


def _listed(problem: Problem, mutant: Mutant) -> str:
    """Why the task says that a mutant changes nothing: by its changed line, or `old -> new`."""
    lines = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
    old, new = ("\n".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
    return problem.equivalent.get(new) or problem.equivalent.get(f"{old} -> {new}") or ""


def _place(mutant: Mutant) -> str:
    return f"line {mutant.line}: {mutant.description}"


# -- the specification ------------------------------------------------------------------------


def _read_spec(problem: Problem, report: CheckResult) -> list[str]:
    """What an answer needs to know and the prompt does not say, and what it should not say."""
    text = problem.prompt.text

    def missing(name: str) -> bool:
        return not re.search(rf"\b{re.escape(name)}\b", text)

    report.unmentioned_ports = [port.name for port in problem.ports if missing(port.name)]
    parameters = sorted({name for setting in problem.parameters for name in setting})
    report.unmentioned_names = [name for name in (problem.top, *parameters) if missing(name)]
    report.leaked_lines = leaked_lines(problem)
    lines = [f"the spec does not mention port {name}" for name in report.unmentioned_ports]
    for name in report.unmentioned_names:
        kind = "module" if name == problem.top else "parameter"
        lines.append(f"the spec does not mention {kind} {name}")
    known = parameters_of(problem.reference, problem.top)
    lines += [f"the reference has no parameter {p}" for p in parameters if p not in known]
    return lines + [f"the spec shows the reference: {line}" for line in report.leaked_lines]


def leaked_lines(problem: Problem) -> list[str]:
    """Lines of code in the prompt that the reference has too, its port list aside."""

    def lines(text: str) -> set[str]:
        squeezed = (re.sub(r"\s+", " ", line).strip(" `,") for line in text.splitlines())
        return {line for line in squeezed if len(line) >= _LEAK_CHARACTERS}

    code = {
        line for line in lines(problem.reference)
        if re.search(r"<=|=|\balways|\bcase\b", line) and not re.match(r"(input|output|//)", line)
    }  # fmt: skip
    return sorted(code & lines(problem.prompt.text))


def parameters_of(source: str, top: str) -> set[str]:
    """The names of the parameters of module `top` that can be set from outside."""
    options = CompilationOptions()
    options.topModules = {top}
    compilation = Compilation(pyslang.Bag([options]))
    compilation.addSyntaxTree(SyntaxTree.fromText(source, "reference.sv"))
    return {
        parameter.name
        for instance in compilation.getRoot().topInstances
        if instance.name == top
        for parameter in instance.body.parameters
        if not parameter.isLocalParam
    }
