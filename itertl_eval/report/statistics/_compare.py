"""Compare two runs on the same problems with a paired test."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from statistics import fmean

from itertl_eval.report._benchmark import Benchmark

RESAMPLES = 10_000
SEED = 0
METRICS = ("pass@1", "syntax@1", "official_pass@1")


@dataclass(frozen=True)
class Difference:
    """A metric of `other` minus that of `baseline`, over the problems that both have.

    `low` and `high` bound the 95 % bootstrap interval, resampling problems; `p` is the
    two-sided sign-flip test's. Both use a fixed seed.
    """

    metric: str
    problems: int
    baseline: float
    other: float
    low: float
    high: float
    p: float
    better: int
    worse: int

    @property
    def value(self) -> float:
        return self.other - self.baseline

    @property
    def equal(self) -> int:
        return self.problems - self.better - self.worse

    @property
    def finding(self) -> str:
        """Better or worse only if interval and test agree; with few problems one alone misleads."""
        if self.p >= 0.05 or self.low <= 0 <= self.high:
            return "no clear difference"
        return "better" if self.value > 0 else "worse"


@dataclass(frozen=True)
class Comparison:
    """Two benchmarks, by position in the report, and what differs between them.

    `changed` lists (task_id, pass@1 of the baseline, of the other), the largest losses first.
    `settings` lists (name, of the baseline, of the other) where the configurations disagree.
    """

    baseline: int
    other: int
    differences: list[Difference]
    changed: list[tuple[str, float, float]]
    settings: list[tuple[str, str, str]]
    only_baseline: int
    only_other: int


def compare_all(benchmarks: Sequence[Benchmark]) -> list[Comparison]:
    """Compare each benchmark with the first earlier one on the same suite."""
    found = []
    for at, other in enumerate(benchmarks):
        for before in range(at):
            if _comparable(benchmarks[before], other):
                found.append(compare(benchmarks, before, at))
                break
    return found


def compare(benchmarks: Sequence[Benchmark], baseline: int, other: int) -> Comparison:
    """Compare two benchmarks of a report, given by position."""
    one, two = benchmarks[baseline], benchmarks[other]
    differences, changed = [], list[tuple[str, float, float]]()
    ones, twos = one.rates("pass@1"), two.rates("pass@1")
    for metric in METRICS:
        left, right = one.rates(metric), two.rates(metric)
        common = [task_id for task_id in left if task_id in right]
        if common:
            pairs = [(left[t], right[t]) for t in common]
            differences.append(difference(metric, pairs))
    changed = [(t, ones[t], twos[t]) for t in ones if t in twos and ones[t] != twos[t]]
    return Comparison(
        baseline,
        other,
        differences,
        sorted(changed, key=lambda row: (row[2] - row[1], row[0])),
        settings(one, two),
        len(ones.keys() - twos.keys()),
        len(twos.keys() - ones.keys()),
    )


def difference(metric: str, pairs: Sequence[tuple[float, float]]) -> Difference:
    """Run the paired test on (baseline, other) values, one pair per problem."""
    gaps = [other - baseline for baseline, other in pairs]
    low, high = bootstrap(gaps)
    return Difference(
        metric=metric,
        problems=len(pairs),
        baseline=fmean(a for a, _ in pairs),
        other=fmean(b for _, b in pairs),
        low=low,
        high=high,
        p=sign_flip(gaps),
        better=sum(gap > 0 for gap in gaps),
        worse=sum(gap < 0 for gap in gaps),
    )


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % points of the mean of resampled values."""
    if not any(values):
        return 0.0, 0.0
    rng = random.Random(SEED)
    count = len(values)
    means = sorted(sum(rng.choices(values, k=count)) / count for _ in range(RESAMPLES))
    return means[round(0.025 * RESAMPLES)], means[round(0.975 * RESAMPLES) - 1]


def sign_flip(values: Sequence[float]) -> float:
    """Return the two-sided p that each difference is as likely to have the other sign.

    (1 + flips with a sum at least as far from 0) / (1 + flips), over RESAMPLES random flips.
    """
    moved = [value for value in values if value]
    if not moved:
        return 1.0
    rng = random.Random(SEED)
    seen = abs(sum(moved)) - 1e-12
    signs = (-1, 1)
    far: int = sum(
        abs(sum(map(mul, moved, rng.choices(signs, k=len(moved))))) >= seen
        for _ in range(RESAMPLES)
    )
    return (1 + far) / (1 + RESAMPLES)


def settings(one: Benchmark, two: Benchmark) -> list[tuple[str, str, str]]:
    """List where two configurations differ, without run times."""
    return [
        (name, one.facts.get(name, ""), two.facts.get(name, ""))
        for name in dict.fromkeys([*one.facts, *two.facts])
        if one.facts.get(name) != two.facts.get(name) and not name.startswith("seconds")
    ]


def _comparable(one: Benchmark, two: Benchmark) -> bool:
    """Return whether both have one suite, as far as known, and common problems."""
    suites = {one.suite or one.task, two.suite or two.task} - {""}
    return len(suites) < 2 and any(
        one.rates(metric).keys() & two.rates(metric).keys() for metric in METRICS
    )
