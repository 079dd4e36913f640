"""Scores of a benchmark, in the order in which the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.statistics import interval


@dataclass(frozen=True)
class Score:
    """A metric on the page; `bounds` is its 95 % interval, or None."""

    name: str
    value: float
    error: float
    bounds: tuple[float, float] | None


def scores_of(benchmark: Benchmark) -> list[Score]:
    """Return all metrics with intervals: pass, then syntax, then official_pass, by k."""
    found = []
    for name, number in benchmark.metrics.items():
        count = len(benchmark.rates(f"{name.partition('@')[0]}@1"))
        bounds = interval(number["value"], number["stderr"], count)
        found.append(Score(name, number["value"], number["stderr"], bounds))
    return sorted(found, key=lambda score: order(score.name))


def order(name: str) -> tuple[int, int]:
    """Return a metric's place among others: by kind, then by k."""
    kind, _, k = name.partition("@")
    kinds = ("pass", "syntax", "official_pass")
    return kinds.index(kind) if kind in kinds else len(kinds), int(k) if k.isdigit() else 0
