"""The graded samples of a run's folder, with the problems that they are for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl_eval._util.progress import say
from itertl_eval.errors import UsageError
from itertl_eval.problem import Problem
from itertl_eval.train.config import Recipe, make_recipe
from itertl_eval.train.data import Instruction
from itertl_eval.train.inputs import prepare
from itertl_eval.train.run import BEGUN, DONE, Row, Rows, RunFolder, digest
from itertl_eval.train.scoring import inputs_of


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
        files = sorted(phase.glob("sample/samples-*.jsonl"))
        samples = [row for file in files for row in Rows(file) if row["task"] in problems]
        names = {sample["task"] for sample in samples}
        _warn_of_changes(phase, [i for i in data.train if i.id in names], recipe)
        rows = {(row["task"], row["k"]): row for row in Rows(phase / "grade" / "verdicts.jsonl")}
        # Equal completions are graded once.
        graded = {_text(s): rows[s["task"], s["k"]] for s in samples if (s["task"], s["k"]) in rows}
        for sample in samples:
            if (row := graded.get(_text(sample))) is not None:
                name, number, text = sample["task"], sample["k"], sample["text"]
                verdict = {**row, "k": number}
                yield RunSample(phase.name, name, number, problems[name], text, verdict)


def _text(sample: Row) -> tuple[str, str]:
    return sample["task"], sample["text"].rstrip()


def _warn_of_changes(phase: Path, sampled: list[Instruction], recipe: Recipe) -> None:
    """Say so if the problems are not those that the samples of an iteration were graded for."""
    begun = [phase / name / BEGUN for name in ("sample", "grade")]
    if not (phase / "sample" / DONE).exists() or not all(path.exists() for path in begun):
        return
    asked, graded = (path.read_text() for path in begun)
    preset, seed = recipe.objective.score, recipe.loop.seed
    if digest(inputs_of(asked, sampled, preset, seed)) != graded:
        say(
            f"warning: {phase.name}: the problems have changed since: prompts are those of now, "
            "verdicts those of then"
        )


__all__ = ["RunSample", "run_samples"]
