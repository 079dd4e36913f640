"""Run designs against a testbench under several seeds and orders of its test cases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import NamedTuple

from itertl_eval.authoring.soundness._mutants import Key
from itertl_eval.authoring.soundness._proofs import Alive, prove_all
from itertl_eval.formal import Equivalence
from itertl_eval.grader import Item, grade_stream
from itertl_eval.problem import Limits, Problem
from itertl_eval.verdict import Order, Verdict

SEEDS = (0, 1, 2)
_CPU_BUDGET = 3
_TIME_BUDGET = 2
"""CPU time, and simulated time of each test case, that a mutant may use: times the reference's."""
_LEAST_BUDGET = 2
_LEAST_NS = 1000.0
Progress = Callable[[int, int], object]
"""Called with the number of runs done and the number of all runs."""


class Run(NamedTuple):
    """One run of a design.

    `setting` is the number of the parameter setting; None runs all of them, one after another,
    up to the first failure.
    """

    design: str
    seed: int = SEEDS[0]
    order: Order = "written"
    setting: int | None = None


_STOPPED = re.compile(
    r"(with [^:]*: )?(stopped at its time limit|ended before .*\(CPU time limit"
    r"|[^:]*: still running after .* of simulated time$)"
)


class MutantRuns(NamedTuple):
    """The runs of a mutant under one setting of the parameters.

    `other` differs from `first` in seed and in order. Only where its verdict differs, too,
    `between` is run to tell which of the two made the difference.
    """

    first: Run
    other: Run
    between: Run

    @classmethod
    def of(cls, number: int, setting: int) -> MutantRuns:
        """Return the runs of a setting's mutant by its number."""
        name = f"mutant {number}"
        return cls(
            Run(name, SEEDS[0], "written", setting),
            Run(name, SEEDS[1], "reversed", setting),
            Run(name, SEEDS[1], "written", setting),
        )


@dataclass(frozen=True)
class Outcome:
    """What the runs of a mutant showed.

    `killed` says that the test cases in their order noticed it under one of two seeds.
    """

    killed: bool
    hangs: bool = False
    seed_dependent: bool = False
    order_dependent: bool = False


def outcome_of(runs: MutantRuns, found: Mapping[Run, Verdict]) -> Outcome | None:
    """Return what the runs of a mutant showed, or None if some are missing."""
    first, other, between = map(found.get, runs)
    if first is not None and hangs(first):
        return Outcome(killed=True, hangs=True)
    if first is None or other is None:
        return None
    stopped = hangs(other)
    if first.passed == other.passed:
        return Outcome(not first.passed, hangs=stopped)
    if between is None:
        return None
    return Outcome(
        not (first.passed and between.passed),
        hangs=stopped or hangs(between),
        seed_dependent=first.passed != between.passed,
        order_dependent=other.passed != between.passed,
    )


def hangs(verdict: Verdict) -> bool:
    """Return whether a run used up its time."""
    return _STOPPED.match(verdict.message) is not None


@dataclass
class Runner:
    """Grades designs and counts the runs.

    Attributes:
        problem: The problem that is checked.
        jobs: Number of workers.
        progress: Called after each run.
        proof_seconds: How long to look for each proof; 0 for not at all.
        total: Number of runs that are planned in all.
        done: Number of runs done.
        ungraded: Number of runs that this machine failed.
        interrupted: The user has stopped the runs.
    """

    problem: Problem
    jobs: int | None
    progress: Progress | None
    proof_seconds: int = 0
    total: int = 0
    done: int = 0
    ungraded: int = 0
    interrupted: bool = False
    _limits: Limits | None = None
    _most_ns: Mapping[str, float] = field(default_factory=dict)

    def set_budget(self, seconds: float, took: Mapping[str, float]) -> None:
        """Stop designs from now on that need several times what the reference needed.

        Args:
            seconds: CPU time of the reference's run.
            took: Simulated time of each of its test cases in nanoseconds.
        """
        limits = self.problem.limits
        cpu = min(limits.cpu, max(_LEAST_BUDGET, ceil(_CPU_BUDGET * seconds)))
        self._limits = replace(limits, cpu=cpu)
        self._most_ns = {name: max(_LEAST_NS, _TIME_BUDGET * ns) for name, ns in took.items()}

    def __call__(self, runs: Mapping[Run, str]) -> tuple[dict[Run, Verdict], list[str]]:
        """Grade the design of each run.

        Returns:
            The verdict of each run that was done, and one line if some could not be graded.
        """
        if self.interrupted:
            return {}, []
        keys = list(runs)
        items = [
            Item(
                self._problem_of(run),
                design,
                seed=run.seed,
                partial=False,
                order=run.order,
                most_ns=self._most_ns,
            )
            for run, design in runs.items()
        ]
        found: dict[Run, Verdict] = {}
        try:
            for index, verdict in grade_stream(items, jobs=self.jobs, window=len(items)):
                found[keys[index]] = verdict
                self._count()
        except KeyboardInterrupt:
            self.interrupted = True
        lost = [verdict for verdict in found.values() if verdict.status == "infra_error"]
        self.ungraded += sum(not verdict.testbench_fault for verdict in lost)
        count = f"{len(lost)} of {len(runs)} runs could not be graded"
        broken = [f"{count}: {lost[0].message}"] if lost else []
        return found, broken

    def prove(self, alive: Alive) -> dict[Key, Equivalence]:
        """Return what can be proved of surviving mutants; nothing after an interruption."""
        if self.interrupted or not self.proof_seconds:
            return {}
        self.total += len(alive)
        try:
            return prove_all(
                self.problem,
                alive,
                seconds=self.proof_seconds,
                jobs=self.jobs,
                done=self._count,
            )
        except KeyboardInterrupt:
            self.interrupted = True
            return {}

    def _count(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, max(self.total, self.done))

    def _problem_of(self, run: Run) -> Problem:
        problem = self.problem
        if run.setting is not None:
            problem = replace(problem, parameters=(problem.parameters[run.setting],))
        return replace(problem, limits=self._limits) if self._limits else problem
