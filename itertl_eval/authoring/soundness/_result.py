"""The result of a soundness check."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from itertl_eval.problem import Parameters


@dataclass
class CheckResult:
    """What `check` found. `shortcomings` is empty for a sound problem.

    A mutant is a dictionary with `what`, `line` (in the whole reference), `place` (file and line),
    `diff` and `name`.

    Attributes:
        task: The problem's id.
        reference: Outcome of the reference by seed, and "reversed" for the test cases in
            reverse order: "pass" or the first failure.
        renamed: Outcome of the reference with other internal names: "pass", the first failure,
            or empty if it was not tried.
        ignored_parameters: For each parameter the outcome of a design that ignores it.
        stubs_tried: Number of stub designs that were tried.
        stubs_passing: Names of those that pass.
        mutants: Number of mutants that change the behavior: `killed` plus `survivors`.
        killed: Number of mutants that at least one run failed.
        settings: The same numbers for each setting of the parameters, if there are several.
        survivors: Mutants that every run passed, each with the `outputs` that it affects first,
            and with a `counterexample` that shows what it changes, or why that is `unknown`.
        proved: Mutants that were proved to change nothing; they count for nothing.
        outputs: For each output the number of mutants that reach it first, and how many of them
            were killed.
        hanging: Killed mutants that were stopped at their time limit.
        equivalent: Mutants that the problem lists as changing nothing, with the `reason`.
        same_code: Mutants that the compiler translates to the same code as the reference.
        unelaborated: Mutants of code that no setting elaborates, each with a `setting` that does.
        seed_dependent: Mutants that one seed kills and another does not.
        order_dependent: Mutants that one order of the test cases kills and the other does not.
        unmentioned_ports: Ports that the specification does not mention.
        unmentioned_names: Module and parameters that the specification does not mention.
        leaked_lines: Lines of the reference that the specification shows.
        seconds: Wall time of the reference's slowest run.
        loading: Why the testbench is imported anew in each simulation; empty if it is not.
        ungraded: Runs that this machine failed, which say nothing of the problem.
        interrupted: The user stopped the check; the other numbers count what was done.
        shortcomings: Why the problem falls short, one line each.
    """

    task: str
    reference: dict[int | str, str] = field(default_factory=dict)
    renamed: str = ""
    ignored_parameters: dict[str, str] = field(default_factory=dict)
    stubs_tried: int = 0
    stubs_passing: list[str] = field(default_factory=list)
    mutants: int = 0
    killed: int = 0
    settings: list[dict[str, Any]] = field(default_factory=list)
    survivors: list[dict[str, Any]] = field(default_factory=list)
    proved: list[dict[str, Any]] = field(default_factory=list)
    outputs: dict[str, dict[str, int]] = field(default_factory=dict)
    hanging: list[str] = field(default_factory=list)
    equivalent: list[dict[str, Any]] = field(default_factory=list)
    same_code: list[str] = field(default_factory=list)
    unelaborated: list[dict[str, Any]] = field(default_factory=list)
    seed_dependent: list[str] = field(default_factory=list)
    order_dependent: list[str] = field(default_factory=list)
    unmentioned_ports: list[str] = field(default_factory=list)
    unmentioned_names: list[str] = field(default_factory=list)
    leaked_lines: list[str] = field(default_factory=list)
    seconds: float = 0.0
    loading: str = ""
    ungraded: int = 0
    interrupted: bool = False
    shortcomings: list[str] = field(default_factory=list)

    @property
    def reference_passes(self) -> bool:
        """Whether the reference passed every run."""
        return set(self.reference.values()) == {"pass"}

    @property
    def mutation_score(self) -> float:
        """Share of mutants killed: 1 if the design offers none, 0 if the reference fails."""
        if not self.reference_passes:
            return 0.0
        return self.killed / self.mutants if self.mutants else 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return all fields and the mutation score as JSON values."""
        return {**asdict(self), "mutation_score": self.mutation_score}


@dataclass
class Row:
    """The mutants of one setting of the parameters."""

    parameters: Parameters
    mutants: int = 0
    killed: int = 0
    survivors: list[str] = field(default_factory=list)

    def add(self, place: str, killed: bool) -> None:
        self.mutants += 1
        self.killed += killed
        self.survivors += [] if killed else [place]

    def forget(self, place: str) -> None:
        """Leave out a survivor that changes nothing."""
        self.mutants -= 1
        self.survivors.remove(place)

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "parameters": dict(self.parameters)}


def low_scores(result: CheckResult, min_score: float) -> list[str]:
    """Return one line if too many mutants survive, and one for each setting in which they do."""
    lines = []
    if result.mutation_score < min_score:
        lines.append(
            f"{len(result.survivors)} of {result.mutants} mutants survive "
            f"(score {result.mutation_score:.2f}, required {min_score:.2f})"
        )
    for row in result.settings:
        score = row["killed"] / row["mutants"] if row["mutants"] else 1.0
        if score < min_score:
            setting = ", ".join(f"{name}={value}" for name, value in row["parameters"].items())
            lines.append(
                f"with {setting}: {row['mutants'] - row['killed']} of {row['mutants']} mutants "
                f"survive (score {score:.2f}, required {min_score:.2f})"
            )
    return lines
