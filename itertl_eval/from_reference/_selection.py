"""Mutants as the judges of stimulus: which blocks notice which, and which blocks to keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from itertl_eval.authoring import Mutant
from itertl_eval.errors import InfrastructureError
from itertl_eval.from_reference._recording import in_file
from itertl_eval.grader import interpret, run_design
from itertl_eval.problem import Problem

MUTANT_SECONDS = 3.0, 2.5
"""CPU time limits for a mutant: of the whole run and of the simulation."""

ENOUGH_STEPS = 700
"""Blocks that no mutant needs are kept up to this length, for mistakes that no mutant has."""


@dataclass
class Trial:
    """A mutant and the blocks (by number) that have noticed it so far.

    `hangs` is True for one that no block caught but that did not end like the reference.
    """

    mutant: Mutant
    caught_by: set[int] = field(default_factory=set)
    compiles: bool = True
    hangs: bool = False

    @property
    def alive(self) -> bool:
        return self.compiles and not self.caught_by and not self.hangs


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
    with in_file(text) as path:
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


def chosen(trials: Sequence[Trial], steps: Sequence[int], fill: int) -> list[int]:
    """The numbers of the blocks to keep, in order.

    Each mutant is noticed by two of them where two notice it. Of the first `fill` blocks more are
    kept while the whole stays below ENOUGH_STEPS.
    """
    kept: list[int] = []
    for _ in range(2):
        open_ = [t.caught_by - set(kept) for t in trials if t.caught_by - set(kept)]
        if kept:
            open_ = [
                trial.caught_by - set(kept)
                for trial in trials
                if len(trial.caught_by & set(kept)) < 2 and trial.caught_by - set(kept)
            ]
        while open_:
            counts = {b: sum(b in blocks for blocks in open_) for blocks in open_ for b in blocks}
            best = max(counts, key=lambda b: (counts[b], -steps[b], -b))
            kept.append(best)
            open_ = [blocks for blocks in open_ if best not in blocks]
    for block in range(fill):
        if block not in kept and sum(steps[b] for b in (*kept, block)) <= ENOUGH_STEPS:
            kept.append(block)
    return sorted(kept)


__all__ = ["Trial", "chosen", "try_mutants"]
