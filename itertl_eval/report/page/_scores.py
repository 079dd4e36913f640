"""Scores of a benchmark, in the order in which the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from itertl_eval.report._benchmark import Benchmark
from itertl_eval.report.statistics import interval
from itertl_eval.results import WITHOUT_ERRATA
from itertl_eval.suites import undecided


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
        rated = benchmark.rates(f"{name.partition('@')[0]}@1").keys()
        counted = rated - undecided() if name.endswith(WITHOUT_ERRATA) else rated
        bounds = interval(number["value"], number["stderr"], len(counted))
        found.append(Score(name, number["value"], number["stderr"], bounds))
    return sorted(found, key=lambda score: order(score.name))


def order(name: str) -> tuple[int, int, str]:
    """Return a metric's place among others: by kind, then by k, then with and without errata."""
    kind, _, k = name.partition("@")
    k, _, ending = k.partition("_")
    kinds = ("pass", "syntax", "official_pass")
    place = kinds.index(kind) if kind in kinds else len(kinds)
    return place, int(k) if k.isdigit() else 0, ending
