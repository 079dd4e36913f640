"""Read completions together with their prompts and verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itertl_eval._util.printable import counted
from itertl_eval.errors import UsageError
from itertl_eval.grader import read_samples
from itertl_eval.problem import Problem, Suite
from itertl_eval.prompts import ChatTemplate

Message = dict[str, str]


@dataclass(frozen=True)
class GradedSample:
    """A completion, what was asked, and its verdict.

    Attributes:
        source: Where it comes from: the samples file, or the phase of a training run.
        id: "SUITE/PROBLEM".
        sample: Number of the completion among those of its problem and source.
        messages: What the model was asked, as chat messages.
        completion: What it wrote.
        reward: z of a training run in 0..1; `score` elsewhere; None for an infrastructure error.
        tested: Whether there was a testbench; without one a pass means that the design elaborates.
    """

    source: str
    id: str
    sample: int
    messages: list[Message]
    completion: str
    status: str
    stage: str
    passed: bool
    score: float
    message: str
    reward: float | None
    tested: bool = True

    @property
    def group(self) -> str:
        """The prompt as one string: samples of equal prompts can be compared."""
        return json.dumps(self.messages)


def read_verdicts(samples: Path, verdicts: Path, suite: Suite) -> list[GradedSample]:
    """Read a samples file and the verdicts that `itertl-eval grade --output` wrote for it.

    Raises:
        UsageError: A file can't be read, or they do not belong together.
    """
    items = list(read_samples(samples, suite))
    rows = list(_rows(verdicts))
    if len(items) != len(rows):
        raise UsageError(
            f"{samples} has {counted(len(items), 'sample')} and {verdicts} "
            f"{counted(len(rows), 'verdict')}: grade the samples again, with --output"
        )
    found = []
    for number, (item, row) in enumerate(zip(items, rows, strict=True), 1):
        if (row.get("task_id"), row.get("sample")) != (item.problem.id, item.sample):
            raise UsageError(
                f"{verdicts}:{number} is not the verdict of line {number} of {samples}"
            )
        value = None if row["status"] == "infra_error" else row["score"]
        name = f"{suite.name}/{item.problem.id}"
        found.append(
            _sample(samples.name, name, item.sample, item.problem, item.completion, row, value)
        )
    return found


def read_run(folder: Path) -> list[GradedSample]:
    """Read the samples of all iterations of a training run.

    The run's data are loaded as the run loads them, so its sources must be where they were.

    Raises:
        UsageError: It is not the folder of a run, or its data are gone.
    """
    from itertl_eval.train import run_samples

    found = [
        _sample(
            each.phase, each.id, each.number, each.problem, each.text, each.verdict, each.reward
        )
        for each in run_samples(folder)
    ]
    if not found:
        raise UsageError(f"{folder} has no graded samples yet")
    return found


def _sample(
    source: str,
    name: str,
    number: int,
    problem: Problem,
    completion: str,
    row: dict[str, Any],
    reward: float | None,
) -> GradedSample:
    return GradedSample(
        source=source,
        id=name,
        sample=number,
        messages=ChatTemplate(lambda messages: messages).messages(problem.prompt),
        completion=completion,
        status=row["status"],
        stage=row["stage"],
        passed=row["passed"],
        score=row["score"],
        message=row["message"],
        reward=reward,
        tested=row.get("tested", True),
    )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}") from None
    for number, line in enumerate(lines, 1):
        try:
            row = dict(json.loads(line))
            _ = row["status"], row["stage"], row["passed"], row["score"], row["message"]
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{path}:{number}: not a verdict of `itertl-eval grade`") from None
        yield row
