"""Run designs against a testbench under several seeds and orders of its test cases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple

from itertl_eval.grader import Item, grade_many
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

SEEDS = (0, 1, 2)
Order = Literal["written", "reversed"]
Progress = Callable[[object], object]


class Run(NamedTuple):
    """One run of a design: its name, the run's seed, and the order of the test cases."""

    design: str
    seed: int
    order: Order = "written"


MUTANT_RUNS: tuple[tuple[int, Order], ...] = (
    (SEEDS[0], "written"),
    (SEEDS[1], "written"),
    (SEEDS[0], "reversed"),
)
"""Seed and order of each run of a mutant."""


@dataclass
class Runner:
    """Grades designs under several seeds and in both orders of the test cases."""

    problem: Problem
    scratch: Path
    jobs: int | None
    progress: Progress | None

    def __post_init__(self) -> None:
        self._reversed = _reversed(self.problem, self.scratch)

    def __call__(self, runs: Mapping[Run, str]) -> tuple[dict[Run, Verdict], list[str]]:
        """Grade the design of each run.

        Returns:
            The verdict of each run, and one line if some runs could not be graded.
        """
        items = [
            Item(
                self.problem if run.order == "written" else self._reversed,
                design,
                seed=run.seed,
                partial=False,
            )
            for run, design in runs.items()
        ]
        verdicts = grade_many(items, jobs=self.jobs, progress=self.progress)
        lost = [verdict.message for verdict in verdicts if verdict.status == "infra_error"]
        broken = [f"{len(lost)} of {len(runs)} runs could not be graded: {lost[0]}"] if lost else []
        return dict(zip(runs, verdicts, strict=True)), broken


def _reversed(problem: Problem, scratch: Path) -> Problem:
    """The problem with a copy of its testbench that runs the test cases in reverse order.

    The copy keeps the file name, so each case gets the random values that it gets in the original.
    """
    assert problem.testbench is not None
    leave = shutil.ignore_patterns("sim_build", "__pycache__")
    copied = shutil.copytree(problem.testbench.parent, scratch / "reversed", ignore=leave)
    file = copied / problem.testbench.name
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
