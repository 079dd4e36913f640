"""The result of a soundness check."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class CheckResult:
    """What `check` found. `shortcomings` is empty for a sound problem.

    Attributes:
        task: The problem's id.
        reference: Outcome of the reference by seed, and "reversed" for the test cases in
            reverse order: "pass" or the first failure.
        stubs_passing: Names of the stub designs that pass.
        mutants: Number of mutants that change the behavior: `killed` plus `survivors`.
        killed: Number of mutants that at least one run failed.
        survivors: Mutants that every run passed, each with `what`, `line` and `diff`.
        equivalent: Mutants that the problem lists as changing nothing, with the `reason`.
        seed_dependent: Mutants that one seed kills and another does not.
        order_dependent: Mutants that one order of the test cases kills and the other does not.
        unmentioned_ports: Ports that the specification does not mention.
        unmentioned_names: Module and parameters that the specification does not mention.
        leaked_lines: Lines of the reference that the specification shows.
        seconds: Wall time of the reference's slowest run.
        shortcomings: Why the problem falls short, one line each.
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
