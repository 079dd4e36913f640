"""Is a task sound? The reference passes, stubs fail, mistakes are noticed, the spec is enough."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from itertl_eval.grading import Item, grade_many
from itertl_eval.mutate import mutants
from itertl_eval.problem import Problem

SEEDS = (0, 1, 2)
MIN_SCORE = 0.8
"""Share of mutants that a testbench must notice, unless the caller asks for more."""
_LEAK_CHARACTERS = 24


@dataclass
class Report:
    """What `check` found. `shortcomings` is empty for a sound task."""

    task: str
    reference: dict[int, str] = field(default_factory=dict)
    stubs_passing: list[str] = field(default_factory=list)
    mutants: int = 0
    killed: int = 0
    survivors: list[dict[str, str]] = field(default_factory=list)
    seed_dependent: list[str] = field(default_factory=list)
    unmentioned_ports: list[str] = field(default_factory=list)
    leaked_lines: list[str] = field(default_factory=list)
    seconds: float = 0.0
    shortcomings: list[str] = field(default_factory=list)

    @property
    def mutation_score(self) -> float:
        """Killed mutants over all; 1 where the design has no room for any."""
        return self.killed / self.mutants if self.mutants else 1.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "mutation_score": self.mutation_score}


def check(
    problem: Problem, *, limit: int = 40, min_score: float = MIN_SCORE, jobs: int | None = None,
    progress: Callable[[object], object] | None = None,
) -> Report:  # fmt: skip
    """Try a task's testbench on its reference, on stubs and on up to `limit` mutants."""
    report = Report(problem.id)
    changed = mutants(problem.reference, problem.top, limit=limit)
    stubs = stub_designs(problem)
    runs: list[tuple[str, int, str]] = [("reference", seed, problem.reference) for seed in SEEDS]
    runs += [(f"stub {name}", 0, text) for name, text in stubs.items()]
    runs += [(f"mutant {n}", seed, m.source) for n, m in enumerate(changed) for seed in SEEDS[:2]]
    items = [Item(problem, text, 0, seed) for _, seed, text in runs]
    verdicts = grade_many(items, jobs=jobs, progress=progress)
    found = {(name, seed): v for (name, seed, _), v in zip(runs, verdicts, strict=True)}

    lost = [v.message for v in verdicts if v.status == "infra_error"]
    broken = [f"{len(lost)} of {len(runs)} runs could not be graded: {lost[0]}"] if lost else []
    report.reference = {seed: found["reference", seed].message or "pass" for seed in SEEDS}
    report.seconds = max(found["reference", seed].seconds for seed in SEEDS)
    report.stubs_passing = [name for name in stubs if found[f"stub {name}", 0].passed]
    report.mutants = len(changed)
    for number, mutant in enumerate(changed):
        first, second = (found[f"mutant {number}", seed] for seed in SEEDS[:2])
        if first.passed != second.passed:
            report.seed_dependent.append(f"line {mutant.line}: {mutant.description}")
        if first.passed and second.passed:
            report.survivors.append({"what": mutant.description, "diff": mutant.diff})
    report.killed = report.mutants - len(report.survivors)
    text = problem.prompt.text
    report.unmentioned_ports = [
        port.name for port in problem.ports if not re.search(rf"\b{re.escape(port.name)}\b", text)
    ]
    report.leaked_lines = leaked_lines(problem)
    report.shortcomings = broken + _shortcomings(report, min_score)
    return report


def _shortcomings(report: Report, min_score: float) -> list[str]:
    found = [
        f"the reference fails with seed {seed}: {message}"
        for seed, message in report.reference.items()
        if message != "pass"
    ]
    found += [f"a stub passes: {name}" for name in report.stubs_passing]
    if report.mutation_score < min_score:
        found.append(
            f"{len(report.survivors)} of {report.mutants} mutants survive "
            f"(score {report.mutation_score:.2f}, wanted {min_score:.2f})"
        )
    found += [f"the spec does not mention port {name}" for name in report.unmentioned_ports]
    found += [f"the spec shows the reference: {line}" for line in report.leaked_lines]
    return found


def stub_designs(problem: Problem) -> dict[str, str]:
    """Designs that do nothing: no logic, constant outputs, unknown outputs, inputs passed on."""
    ports = ", ".join(str(port) for port in problem.ports)
    inputs = ", ".join(port.name for port in problem.inputs)

    def stub(value: str) -> str:
        body = "".join(f"  assign {port.name} = {value};\n" for port in problem.outputs)
        return f"module {problem.top}({ports});\n{body if value else ''}endmodule\n"

    stubs = {"empty": stub(""), "zero": stub("'b0"), "ones": stub("~'b0"), "unknown": stub("'bx")}
    if inputs:
        stubs["inputs"] = stub(f"{{{inputs}}}")
    return stubs


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
