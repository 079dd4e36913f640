"""Is a task sound? The reference passes, stubs fail, mistakes are noticed, the spec is enough."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxKind, SyntaxTree

from itertl_eval.errors import UsageError
from itertl_eval.grader import slang, testbench
from itertl_eval.grading import Item, grade_many, require_testbenches
from itertl_eval.mutate import Mutant, mutants
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

SEEDS = (0, 1, 2)
MIN_SCORE = 0.8
"""Share of mutants that a testbench must notice, unless the caller asks for more."""
_LEAK_CHARACTERS = 24
Progress = Callable[[object], object]


@dataclass
class Report:
    """What `check` found. `shortcomings` is empty for a sound task."""

    task: str
    reference: dict[int, str] = field(default_factory=dict)
    stubs_passing: list[str] = field(default_factory=list)
    mutants: int = 0
    killed: int = 0
    survivors: list[dict[str, Any]] = field(default_factory=list)
    seed_dependent: list[str] = field(default_factory=list)
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
) -> Report:  # fmt: skip
    """Try a task's testbench on its reference and, when that passes, on stubs and on up to
    `limit` mutants of it.

    Raises UsageError with file and line when the testbench can't be loaded.
    """
    require_testbenches([problem])
    assert problem.testbench is not None
    _load(problem.testbench)
    report = Report(problem.id)
    report.shortcomings += _try_reference(problem, report, jobs, progress)
    if report.reference_passes:
        report.shortcomings += _try_others(problem, report, limit, jobs, progress)
        if report.mutation_score < min_score:
            report.shortcomings.append(
                f"{len(report.survivors)} of {report.mutants} mutants survive "
                f"(score {report.mutation_score:.2f}, wanted {min_score:.2f})"
            )
    report.shortcomings += _read_spec(problem, report)
    return report


def _load(path: Path) -> None:
    """Import a testbench here, where what is wrong with it can be told."""
    try:
        testbench.load(path)
    except testbench.BrokenTestbench as error:
        raise UsageError(str(error)) from None


def _grade(
    problem: Problem, runs: Sequence[tuple[str, int, str]], jobs: int | None,
    progress: Progress | None,
) -> tuple[dict[tuple[str, int], Verdict], list[str]]:  # fmt: skip
    """Verdicts of (name, seed, design) by name and seed, and what could not be graded."""
    items = [Item(problem, text, 0, seed) for _, seed, text in runs]
    verdicts = grade_many(items, jobs=jobs, progress=progress)
    lost = [verdict.message for verdict in verdicts if verdict.status == "infra_error"]
    broken = [f"{len(lost)} of {len(runs)} runs could not be graded: {lost[0]}"] if lost else []
    return {(name, seed): v for (name, seed, _), v in zip(runs, verdicts, strict=True)}, broken


def _try_reference(
    problem: Problem, report: Report, jobs: int | None, progress: Progress | None
) -> list[str]:
    runs = [("reference", seed, problem.reference) for seed in SEEDS]
    found, broken = _grade(problem, runs, jobs, progress)
    report.reference = {seed: found["reference", seed].message or "pass" for seed in SEEDS}
    report.seconds = max(verdict.seconds for verdict in found.values())
    if broken:
        return broken
    failing: dict[str, list[str]] = {}
    for seed, message in report.reference.items():
        if message != "pass":
            failing.setdefault(message, []).append(str(seed))
    return [
        f"the reference fails{'' if len(seeds) == len(SEEDS) else ' with seed ' + ', '.join(seeds)}"
        f": {message}"
        for message, seeds in failing.items()
    ]


def _try_others(
    problem: Problem, report: Report, limit: int, jobs: int | None, progress: Progress | None
) -> list[str]:
    changed = mutants(problem.reference, problem.top, limit=limit)
    stubs = stub_designs(problem)
    runs = [(f"stub {name}", 0, text) for name, text in stubs.items()]
    runs += [(f"mutant {n}", seed, m.source) for n, m in enumerate(changed) for seed in SEEDS[:2]]
    found, broken = _grade(problem, runs, jobs, progress)
    report.stubs_passing = [name for name in stubs if found[f"stub {name}", 0].passed]
    report.mutants = len(changed)
    for number, mutant in enumerate(changed):
        first, second = (found[f"mutant {number}", seed] for seed in SEEDS[:2])
        if first.passed != second.passed:
            report.seed_dependent.append(_place(mutant))
        if first.passed and second.passed:
            report.survivors.append(
                {"what": mutant.description, "line": mutant.line, "diff": mutant.diff}
            )
    report.killed = report.mutants - len(report.survivors)
    return broken + [f"a stub passes: {name}" for name in report.stubs_passing]


def _place(mutant: Mutant) -> str:
    return f"line {mutant.line}: {mutant.description}"


# -- the specification ------------------------------------------------------------------------


def _read_spec(problem: Problem, report: Report) -> list[str]:
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


# -- designs that do nothing ------------------------------------------------------------------


def stub_designs(problem: Problem) -> dict[str, str]:
    """Designs that do nothing: no logic, constant outputs, unknown outputs, inputs passed on.

    They have the reference's own header, so that they fail for what they do and not for a
    parameter that they lack.
    """
    before, after = _around_body(problem)
    inputs = ", ".join(port.name for port in problem.inputs)

    def stub(value: str) -> str:
        body = "".join(f"  assign {port.name} = {value};\n" for port in problem.outputs)
        return f"{before}\n{body if value else ''}{after}"

    stubs = {"empty": stub(""), "zero": stub("'b0"), "ones": stub("~'b0"), "unknown": stub("'bx")}
    if inputs:
        stubs["inputs"] = stub(f"{{{inputs}}}")
    return stubs


def _around_body(problem: Problem) -> tuple[str, str]:
    """What stands before and after the body of the top module, with outputs that are nets."""
    text = problem.reference.encode()
    root: Any = SyntaxTree.fromText(problem.reference, "reference.sv").root
    modules = root.members if root.kind == SyntaxKind.CompilationUnit else [root]
    for module in modules:
        if module.kind != SyntaxKind.ModuleDeclaration:
            continue
        header = module.header
        if header.name.valueText != problem.top or header.ports is None:
            continue
        if header.ports.kind != SyntaxKind.AnsiPortList:
            continue
        start, end = header.sourceRange.start.offset, header.sourceRange.end.offset
        nets = re.sub(r"\boutput(\s+)(reg|logic)\b", r"output\1", text[start:end].decode())
        before = text[:start].decode() + nets
        after = text[module.endmodule.range.start.offset :].decode()
        if set(slang.ports(f"{before}\n{after}", problem.top) or ()) == set(problem.ports):
            return before, after
    ports = ", ".join(str(port) for port in problem.ports)
    return f"module {problem.top}({ports});", "endmodule\n"


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
