"""The overview: a row per model, a column per benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.page._scores import Score

METRICS = ("pass@1", "official_pass@1")
"""What a cell shows: our verdicts, or the published ones where ours are absent."""


class _View(Protocol):
    @property
    def anchor(self) -> str: ...
    @property
    def data(self) -> Benchmark: ...
    def score(self, name: str) -> Score | None: ...


@dataclass(frozen=True)
class Cell:
    """The score of one run, with the place on the page that shows the run."""

    anchor: str
    score: Score | None


@dataclass(frozen=True)
class Overview:
    """Tasks, and for each model its run of each task, or None.

    A second run of a model on a task has another name, "model (2)", and so its own row.
    """

    tasks: list[str]
    rows: dict[str, list[Cell | None]]


def overview(views: Iterable[_View]) -> Overview | None:
    """Return the table, or None where there is a single benchmark or none."""
    cells: dict[str, dict[str, Cell]] = {}
    tasks: dict[str, None] = {}
    for view in views:
        task = view.data.task or view.data.suite
        if not task:
            continue
        tasks[task] = None
        scores = (view.score(name) for name in METRICS)
        score = next((score for score in scores if score is not None), None)
        cells.setdefault(view.data.name, {})[task] = Cell(view.anchor, score)
    if len(tasks) < 2:
        return None
    rows = {name: [row.get(task) for task in tasks] for name, row in cells.items()}
    return Overview(list(tasks), rows)
