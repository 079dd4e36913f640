"""The graded samples of a run's folder, with the problems that they are for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem
from itertl_eval.train.config import make_recipe
from itertl_eval.train.inputs import prepare
from itertl_eval.train.run import Rows, RunFolder


@dataclass(frozen=True)
class RunSample:
    """A graded sample.

    Attributes:
        phase: "iteration-01", ...
        id: "SUITE/PROBLEM".
        number: Number of the sample among those of its problem and phase.
        problem: With the prompt that was asked.
        text: The completion.
        verdict: The row of verdicts.jsonl.
    """

    phase: str
    id: str
    number: int
    problem: Problem
    text: str
    verdict: dict[str, Any]

    @property
    def reward(self) -> float | None:
        """z in 0..1; None for an infrastructure error."""
        value: float | None = self.verdict["z"]
        return value


def run_samples(folder: Path) -> Iterator[RunSample]:
    """Yield the graded samples of all iterations.

    The run's data are loaded as the run loads them, so its sources must be where they were.

    Raises:
        UsageError: It is not the folder of a run, or its data are gone.
    """
    facts = folder / "recipe.json"
    if not facts.is_file():
        raise UsageError(f"{folder} is not the folder of a training run: no recipe.json")
    recipe = make_recipe(**json.loads(facts.read_text(encoding="utf-8")))
    data = prepare(recipe.data, recipe.sampling, recipe.loop.seed, RunFolder(folder))
    problems = {instruction.id: instruction.problem for instruction in data.train}
    for phase in sorted(folder.glob("iteration-*")):
        rows = {(row["task"], row["k"]): row for row in Rows(phase / "grade" / "verdicts.jsonl")}
        for file in sorted(phase.glob("sample/samples-*.jsonl")):
            for sample in Rows(file):
                name, number = sample["task"], sample["k"]
                row = rows.get((name, number))
                if row is not None and name in problems:
                    text = sample["text"]
                    yield RunSample(phase.name, name, number, problems[name], text, row)


__all__ = ["RunSample", "run_samples"]
