"""Render the page: one HTML file that holds its style and script and loads nothing.

Completions are hostile. Jinja escapes every value, invisible characters become their numbers, and
the page's content security policy runs no other script and loads nothing.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from itertl_eval import __version__
from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.inputs import Report
from itertl_eval.report.page._charts import marker
from itertl_eval.report.page._overview import overview
from itertl_eval.report.page._problems import ProblemView, problems_of, texts_of
from itertl_eval.report.page._scores import Score, order, scores_of
from itertl_eval.report.page._stages import INFRA, LOOKS, Share, reported_shares, shares
from itertl_eval.report.page._text import clip, limit_for, visible
from itertl_eval.report.page._training_view import TrainingView
from itertl_eval.report.statistics import RESAMPLES, compare_all

TEMPLATES = Path(__file__).parents[1] / "templates"
BUDGET = 5_000_000
"""Characters of HTML that code, completions and prompts may take in total."""


@dataclass(frozen=True)
class BenchmarkView:
    """A benchmark and what the page derives from it."""

    number: int
    data: Benchmark
    limit: int

    @property
    def anchor(self) -> str:
        return f"r{self.number}"

    @cached_property
    def scores(self) -> list[Score]:
        return scores_of(self.data)

    def score(self, name: str) -> Score | None:
        return next((score for score in self.scores if score.name == name), None)

    @cached_property
    def problems(self) -> list[ProblemView]:
        return problems_of(self.data, self.number, self.limit)

    @cached_property
    def anchors(self) -> dict[str, str]:
        return {problem.task_id: problem.anchor for problem in self.problems}

    @cached_property
    def shares(self) -> list[Share]:
        """Where samples ended: counted, or from the harness where there are no verdicts."""
        if not self.data.verdicts and self.data.ended:
            ended = self.data.ended
            return reported_shares({**ended, "pass": 1 - sum(ended.values())})
        summary = self.data.summary
        return shares({**summary.stages, INFRA: summary.infra_errors})

    @property
    def widest(self) -> int:
        """The most samples that a problem has."""
        return max((len(problem.cells) for problem in self.problems), default=0)

    @property
    def disagreements(self) -> int:
        """How many samples the published protocol grades differently."""
        return len(self.data.summary.disagreements)


def render(report: Report, title: str = "itertl-eval report") -> str:
    """Return the report as HTML. The same input gives the same page, byte for byte."""
    texts = [text for benchmark in report.benchmarks for text in texts_of(benchmark)]
    limit = limit_for(texts, BUDGET)
    views = [BenchmarkView(at, data, limit) for at, data in enumerate(report.benchmarks)]
    script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
    page = (
        _environment()
        .get_template("page.html")
        .render(
            title=title,
            version=__version__,
            style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
            script=script,
            script_hash=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
            benchmarks=views,
            overview=overview(views),
            columns=_columns(views),
            comparisons=compare_all(report.benchmarks),
            resamples=RESAMPLES,
            runs=[TrainingView(at, data) for at, data in enumerate(report.runs)],
            looks=list(LOOKS.values()),
        )
    )
    return visible(page)


def _columns(views: Sequence[BenchmarkView]) -> list[str]:
    """Return the metrics of the overview: the first and last k of each kind."""
    names = sorted({score.name for view in views for score in view.scores}, key=order)
    return [
        name
        for at, name in enumerate(names)
        if name.endswith("@1") or at + 1 == len(names) or names[at + 1].endswith("@1")
    ]


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {"score": score_text, "clip": clip, "line": first_line}
    environment.filters.update(filters)
    environment.globals.update(marker=marker)
    return environment


def score_text(value: float | None, digits: int = 4) -> str:
    """Format a number with a fixed number of digits; a dash if unknown."""
    return "–" if value is None or value != value else f"{value:.{digits}f}"


def first_line(text: str, limit: int = 140) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
