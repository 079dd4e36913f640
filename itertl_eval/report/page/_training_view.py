"""Prepare a training run for the page: table columns, charts, bars."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from itertl_eval.report.inputs import TrainingRun
from itertl_eval.report.page._charts import Bounds, Series, line_chart
from itertl_eval.report.page._stages import Share, shares
from itertl_eval.report.statistics import interval

COLUMNS = (
    ("train_samples", "samples", 0),
    ("train_passed", "passed", 3),
    ("train_solved", "solved", 3),
    ("train_unique", "unique", 2),
    ("train_truncated", "cut off", 0),
    ("tokens_median", "tokens (median)", 0),
    ("fit_reference_logprob_last", "log p(reference)", 3),
    ("fit_loss_last", "loss", 3),
    ("seconds", "seconds", 0),
    ("overhead_share", "overhead so far", 3),
)
"""Key in metrics.jsonl, heading, digits."""


@dataclass(frozen=True)
class Chart:
    """A drawn chart, its heading and the names of its lines."""

    title: str
    svg: Markup
    names: list[str]


@dataclass(frozen=True)
class Timing:
    """Seconds of one evaluated model by phase: (phase, index of its colour, seconds, share)."""

    label: str
    total: float
    parts: list[tuple[str, int, float, float]]


@dataclass(frozen=True)
class TrainingView:
    """A run and what the page derives from it."""

    number: int
    data: TrainingRun

    @property
    def anchor(self) -> str:
        return f"t{self.number}"

    @property
    def passes(self) -> list[str]:
        """pass@1, and pass@K if there are several samples."""
        largest = self.data.largest_k()
        return self.data.any("pass@1", *([largest] if largest else []))

    def bounds(self, name: str) -> list[Bounds]:
        """The 95 % interval of a pass@k of each record."""
        run = self.data
        columns = (run.column(name), run.column(f"{name}_se"), run.column("heldout"))
        return [
            None if value is None or error is None else interval(value, error, int(count or 0))
            for value, error, count in zip(*columns, strict=True)
        ]

    @property
    def columns(self) -> list[tuple[str, str, int]]:
        """The entries of COLUMNS that this run has."""
        return [column for column in COLUMNS if self.data.any(column[0])]

    @property
    def charts(self) -> list[Chart]:
        run = self.data
        scores = [Series(name, run.column(name), self.bounds(name)) for name in self.passes]
        unique = [("train_passed", "passed"), ("train_unique", "unique")]
        lines = [Series(name, run.column(key)) for key, name in unique if run.any(key)]
        found = [
            self._chart("Score on held-out problems, with 95 % intervals", scores, share=True),
            self._chart("Training samples: share passed, share unique", lines, share=True),
        ]
        for key, title in (
            ("fit_reference_logprob_last", "Mean log-probability of the references"),
            ("tokens_median", "Median length of a completion, in tokens"),
        ):
            found.append(self._chart(title, [Series(title, run.column(key))]))
        return [chart for chart in found if chart.svg]

    def _chart(self, title: str, series: list[Series], *, share: bool = False) -> Chart:
        run = self.data
        # Records before the first and after the last value would only be empty space.
        held = [at for s in series for at, v in enumerate(s.values) if v is not None]
        part = slice(min(held), max(held) + 1) if held else slice(0)
        cut = [Series(s.name, s.values[part], s.bounds[part]) for s in series]
        svg = line_chart(run.labels[part], cut, title, share=share)
        return Chart(title, svg, [s.name for s in series] if len(series) > 1 else [])

    def stage_bars(self, key: str) -> list[tuple[str, list[Share]]]:
        """(label, shares) of the records that have stage counts under `key`."""
        pairs = zip(self.data.labels, self.data.shares(key), strict=True)
        bars = [(label, shares(counts)) for label, counts in pairs]
        return [(label, found) for label, found in bars if found]

    @property
    def phases(self) -> list[str]:
        """The names of all phases, in order of appearance."""
        return list(dict.fromkeys(name for parts in self.data.phases() for name in parts))

    @property
    def timings(self) -> list[Timing]:
        rows = self.data.phases()
        longest = max((sum(parts.values()) for parts in rows), default=0.0) or 1.0
        names = self.phases
        return [
            Timing(
                label,
                sum(parts.values()),
                [(n, names.index(n) % 6, s, s / longest) for n, s in parts.items()],
            )
            for label, parts in zip(self.data.labels, rows, strict=True)
            if parts
        ]
