"""Mutants as the judges of stimulus: which blocks notice which, and which blocks to keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from itertl_eval.authoring import Mutant
from itertl_eval.errors import InfrastructureError
from itertl_eval.from_reference._table import Captured
from itertl_eval.grader import interpret, run_design, testbench_file
from itertl_eval.problem import Problem

MUTANT_SECONDS = 3.0, 2.5
"""CPU time limits for a mutant: of the whole run and of the simulation."""

ENOUGH_STEPS = 1000
"""Blocks that no mutant needs are kept up to this length, for mistakes that no mutant has."""


@dataclass
class Trial:
    """A mutant and the blocks (by number) that have noticed it so far.

    `hangs` is True for one that no block caught but that did not end like the reference, `same`
    for one that was proved to change nothing.
    """

    mutant: Mutant
    caught_by: set[int] = field(default_factory=set)
    compiles: bool = True
    hangs: bool = False
    same: bool = False

    @property
    def alive(self) -> bool:
        return self.compiles and not (self.caught_by or self.hangs or self.same)


def try_mutants(
    problem: Problem, text: str, names: Sequence[str], first: int, trials: Sequence[Trial]
) -> None:
    """Run each mutant on a testbench and note which of its cases fail.

    Args:
        problem: The problem that the mutants belong to.
        text: The testbench file.
        names: Its cases; case N is block `first` + N.
        first: The number of the first block.
        trials: What to run, and where the result goes.

    Raises:
        InfrastructureError: A mutant could not be run through no fault of its own.
    """
    numbers = {name: first + at for at, name in enumerate(names)}
    with testbench_file(text) as path:
        here = replace(problem, testbench=path)
        for trial in trials:
            result = run_design(here, trial.mutant.source, seconds=MUTANT_SECONDS)
            status, stage, message = interpret(result)
            if status == "infra_error":
                raise InfrastructureError(f"{problem.id}: a mutant could not be run: {message}")
            failed = {case.name for case in result.cases if not case.passed}
            trial.caught_by |= {numbers[name] for name in failed}
            if stage not in ("simulate", "pass"):
                trial.compiles = False
            elif status == "fail" and not failed:
                trial.hangs = True


def levels_seen(seen: Sequence[Captured], width: int) -> list[set[int]]:
    """For each output bit at 0, then for each at 1: the numbers of the blocks that show it so."""
    zeros: list[set[int]] = [set() for _ in range(width)]
    ones: list[set[int]] = [set() for _ in range(width)]
    for number, captured in enumerate(seen):
        low = high = 0
        for value, care in captured:
            high |= value & care
            low |= care & ~value
        for bit in range(width):
            if low >> bit & 1:
                zeros[bit].add(number)
            if high >> bit & 1:
                ones[bit].add(number)
    return zeros + ones


def chosen(goals: Sequence[set[int]], steps: Sequence[int], fill: int) -> list[int]:
    """The numbers of the blocks to keep, in order.

    Args:
        goals: For each mutant, and each level of an output bit, the blocks that show it. Two of
            them are kept where there are two.
        steps: The length of each block.
        fill: Of so many first blocks more are kept while the whole stays below ENOUGH_STEPS.
    """
    kept: list[int] = []
    for times in (1, 2):
        left = [goal - {*kept} for goal in goals if len(goal & {*kept}) < times]
        left = [goal for goal in left if goal]
        while left:
            counts = Counter(block for goal in left for block in goal)
            best = max(counts, key=lambda block: (counts[block], -steps[block], -block))
            kept.append(best)
            left = [goal for goal in left if best not in goal]
    for block in range(fill):
        if block not in kept and sum(steps[b] for b in (*kept, block)) <= ENOUGH_STEPS:
            kept.append(block)
    return sorted(kept)


__all__ = ["Trial", "chosen", "levels_seen", "try_mutants"]
