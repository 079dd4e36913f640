"""Sum verdicts up: counts by stage, pass@k and syntax@k with standard errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from itertl_eval._util.printable import counted
from itertl_eval.results._pass_at_k import (
    mean_and_error,
    pass_at_k,
    report_ks,
    rtllm_mean,
    v2_percent,
)
from itertl_eval.suites import undecided
from itertl_eval.verdict import STAGES, Verdict

FORGEABLE = (
    "The published protocol reads what the simulation prints: a design passes if it prints the "
    "verdict itself and ends the simulation. Without our testbenches (protocol both) nothing "
    "shows such designs."
)
WITHOUT_ERRATA = "_without_errata"
"""Ending of pass@k without the problems of `undecided`, whose harness can't fail a design."""
COMPILED = STAGES[STAGES.index("interface") :]
"""The stages that only a design that compiles reaches; syntax@k counts them."""

Metrics = dict[str, dict[str, float]]
"""Name of a metric -> {"value", "stderr"}."""


class Summary:
    """Counts of one run. Verdicts are added one at a time and not kept.

    Args:
        expected: The ids of all problems of the suite. A problem among them without a sample
            is `missing`. Empty where the suite is unknown.
    """

    def __init__(self, expected: Collection[str] = ()) -> None:
        self.expected = frozenset(expected)
        self.stages: Counter[str] = Counter()
        self.infra_errors = self.unsupported = 0
        self.disagreements: list[dict[str, Any]] = []
        self._problems: dict[str, list[int]] = {}
        self.published_alone = self._passed_alone = 0
        self._official: dict[str, list[int]] = {}
        self._not_published: dict[str, str] = {}

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        n_passed_compiled = self._problems.setdefault(verdict.task_id, [0, 0, 0])
        self._add_official(verdict)
        if verdict.status == "infra_error":
            self.infra_errors += 1
            return
        if verdict.protocol == "official":  # our testbench did not run
            self.published_alone += 1
            self._passed_alone += verdict.passed
            return
        self.stages[verdict.stage] += 1
        self.unsupported += verdict.unsupported
        n_passed_compiled[0] += 1
        n_passed_compiled[1] += verdict.passed
        n_passed_compiled[2] += verdict.stage in COMPILED

    def _add_official(self, verdict: Verdict) -> None:
        if verdict.official is None:
            return
        if verdict.official["passed"] is None:
            self._not_published[verdict.task_id] = verdict.official["label"]
            return
        n_passed = self._official.setdefault(verdict.task_id, [0, 0])
        n_passed[0] += 1
        n_passed[1] += verdict.official["passed"]
        if verdict.protocol == "official" or verdict.status == "infra_error":
            return
        if verdict.passed != verdict.official["passed"]:
            self.disagreements.append(
                {
                    "task_id": verdict.task_id,
                    "sample": verdict.sample,
                    "cocotb": "pass" if verdict.passed else f"{verdict.stage}: {verdict.message}",
                    "official": verdict.official["label"],
                }
            )

    @property
    def missing(self) -> list[str]:
        """The expected problems without any sample."""
        return sorted(self.expected - self._problems.keys())

    @property
    def fewer(self) -> dict[str, int]:
        """The problems with fewer graded samples than the others: id -> how many."""
        counts = {name: self._graded(name) for name in self._problems}
        most = max(counts.values(), default=0)
        return {name: count for name, count in sorted(counts.items()) if count < most}

    def _graded(self, task_id: str) -> int:
        ours = self._problems[task_id][0]
        return ours or self._official.get(task_id, [0, 0])[0]

    def metrics(self) -> Metrics:
        """Return pass@k and syntax@k: the mean over problems and its standard error.

        Both count the verdicts of our testbenches alone; official_pass@k counts the published
        ones. k is 1, 5, 10 and the number of samples. Problems without a graded sample are not
        in the mean, and a k that not every other problem has is left out: see `missing`,
        `fewer` and `whole_suite`. Where problems are among them whose harness passes designs
        without logic, pass@k_without_errata is pass@k over the others.
        """
        return self._means([], []) | self._without_errata()

    def _without_errata(self) -> Metrics:
        graded = {name: counts for name, counts in self._problems.items() if counts[0]}
        rest = [counts for name, counts in graded.items() if name not in undecided()]
        if not rest or len(rest) == len(graded):
            return {}
        found: Metrics = {}
        for k in report_ks(min(n for n, _, _ in graded.values())):
            mean, error = mean_and_error([pass_at_k(n, passed, k) for n, passed, _ in rest])
            found[f"pass@{k}{WITHOUT_ERRATA}"] = {"value": mean, "stderr": error}
        return found

    def whole_suite(self) -> Metrics:
        """Return the same metrics over all expected problems.

        A problem without a graded sample counts 0.
        """
        ours = {name for name, counts in self._problems.items() if counts[0]}
        names = self.expected | self._problems.keys()
        absent = [0.0] * len(names - ours), [0.0] * len(names - self._official.keys())
        return self._means(*absent)

    def _means(self, absent: list[float], unofficial: list[float]) -> Metrics:
        counts = [c for c in self._problems.values() if c[0]]
        result: Metrics = {}

        def add(name: str, values: list[float]) -> None:
            mean, error = mean_and_error(values)
            result[name] = {"value": mean, "stderr": error}

        for k in report_ks(min((n for n, _, _ in counts), default=0)):
            for kind, column in (("pass", 1), ("syntax", 2)):
                add(f"{kind}@{k}", [pass_at_k(c[0], c[column], k) for c in counts] + absent)
        published = list(self._official.values())
        for k in report_ks(min((n for n, _ in published), default=0)):
            add(f"official_pass@{k}", [pass_at_k(n, c, k) for n, c in published] + unofficial)
        return result

    def v2_percents(self) -> dict[str, int]:
        """Return each problem's percentage of published passes, as VerilogEval v2 reports it."""
        return {name: v2_percent(*counts) for name, counts in self._official.items()}

    def rtllm_means(self) -> dict[str, float]:
        """Return the published pass@k as RTLLM's script averages it; see `rtllm_mean`.

        A design without a sample counts 0 there.
        """
        means = {}
        for k in report_ks(min((n for n, _ in self._official.values()), default=0)):
            rates = {name: pass_at_k(n, c, k) for name, (n, c) in self._official.items()}
            means[f"pass@{k}"] = rtllm_mean(dict.fromkeys(self.expected, 0.0) | rates)
        return means

    def remarks(self) -> list[str]:
        """Say which problems the scores leave out and what to be careful of."""
        found = []
        if self.published_alone:
            found.append(FORGEABLE)
        if unpublished := sorted(self._not_published):
            found.append(
                f"{counted(len(unpublished), 'problem')} with samples without a published verdict, "
                f"in no official_pass@k: {_listed(unpublished)}; "
                f"{self._not_published[unpublished[0]]}"
            )
        if self.unsupported:
            graded = sum(self.stages.values())
            found.append(
                f"{self.unsupported} of {graded} samples ({self.unsupported / graded:.1%}) are "
                "valid designs that this simulator does not support; they count as failures."
            )
        if missing := self.missing:
            total = len(self.expected | self._problems.keys())
            scores = ", ".join(
                f"{name} {number['value']:.4f}"
                for name, number in self.whole_suite().items()
                if not name.startswith("syntax")
            )
            whole = f" Over the whole suite: {scores}." if scores else ""
            found.append(
                f"{len(missing)} of {total} problems have no sample and are in no score: "
                f"{_listed(missing)}.{whole}"
            )
        if fewer := self.fewer:
            names = _listed([f"{name} {count}" for name, count in fewer.items()])
            found.append(
                f"{counted(len(fewer), 'problem')} with fewer graded samples than the others "
                f"({names}); pass@k is left out for every k that not all of them have."
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return the counts. `passed` is the published verdict where ours was not asked for."""
        return {
            "problems": len(self._problems),
            "samples": sum(self.stages.values()) + self.published_alone + self.infra_errors,
            "passed": self.stages["pass"] + self._passed_alone,
            "infra_errors": self.infra_errors,
            "unsupported": self.unsupported,
            "stages": {stage: self.stages[stage] for stage in STAGES},
            "metrics": self.metrics(),
            "missing": self.missing,
            "fewer": self.fewer,
            "whole_suite": self.whole_suite() if self.missing else {},
            "disagreements": self.disagreements,
        }


def summarize(verdicts: Iterable[Verdict], expected: Collection[str] = ()) -> Summary:
    """Return a Summary of all verdicts; `expected` as in Summary."""
    summary = Summary(expected)
    for verdict in verdicts:
        summary.add(verdict)
    return summary


def _listed(names: list[str], limit: int = 8) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
