"""From verdicts to numbers: counts by stage, pass@k and syntax@k with standard errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from itertl_eval.results._pass_at_k import mean_and_error, pass_at_k, report_ks, v2_percent
from itertl_eval.verdict import STAGES, Verdict

COMPILED = STAGES[STAGES.index("interface") :]
"""The stages that a design reaches only when it compiles; syntax@k counts them."""


class Summary:
    """Counts of a run, fed one verdict at a time and small whatever the run's length."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.infra_errors = 0
        self.disagreements: list[dict[str, Any]] = []
        self._problems: dict[str, list[int]] = {}
        self.published_alone = self._passed_alone = 0
        self._official: dict[str, list[int]] = {}

    def add(self, verdict: Verdict) -> None:
        n_passed_compiled = self._problems.setdefault(verdict.task_id, [0, 0, 0])
        self._add_official(verdict)
        if verdict.status == "infra_error":
            self.infra_errors += 1
            return
        if verdict.protocol == "official":  # our testbench said nothing
            self.published_alone += 1
            self._passed_alone += verdict.passed
            return
        self.stages[verdict.stage] += 1
        n_passed_compiled[0] += 1
        n_passed_compiled[1] += verdict.passed
        n_passed_compiled[2] += verdict.stage in COMPILED

    def _add_official(self, verdict: Verdict) -> None:
        if verdict.official is None:
            return
        n_passed = self._official.setdefault(verdict.task_id, [0, 0])
        n_passed[0] += 1
        n_passed[1] += verdict.official["passed"]
        if verdict.protocol == "official" or verdict.status == "infra_error":
            return
        if verdict.passed != verdict.official["passed"]:
            self.disagreements.append(
                {
                    "task_id": verdict.task_id, "sample": verdict.sample,
                    "cocotb": "pass" if verdict.passed else f"{verdict.stage}: {verdict.message}",
                    "official": verdict.official["label"],
                }
            )  # fmt: skip

    def metrics(self) -> dict[str, dict[str, float]]:
        """pass@k and syntax@k: the mean over problems and its standard error.

        Both count our testbenches' verdicts alone; the published ones are official_pass@k.
        k is 1, 5, 10 and the number of samples. A problem with fewer than k judged samples
        has no pass@k; a k that not every problem has is left out.
        """
        counts = [c for c in self._problems.values() if c[0]]
        result: dict[str, dict[str, float]] = {}
        for k in report_ks(min((n for n, _, _ in counts), default=0)):
            for name, column in (("pass", 1), ("syntax", 2)):
                mean, error = mean_and_error([pass_at_k(c[0], c[column], k) for c in counts])
                result[f"{name}@{k}"] = {"value": mean, "stderr": error}
        published = list(self._official.values())
        for k in report_ks(min((n for n, _ in published), default=0)):
            mean, error = mean_and_error([pass_at_k(n, passed, k) for n, passed in published])
            result[f"official_pass@{k}"] = {"value": mean, "stderr": error}
        return result

    def v2_percents(self) -> dict[str, int]:
        """Each problem's percentage of published passes, as VerilogEval v2 reports it."""
        return {name: v2_percent(*counts) for name, counts in self._official.items()}

    def as_dict(self) -> dict[str, Any]:
        """The counts. `passed` is by the published harness where nothing else has judged."""
        return {
            "problems": len(self._problems),
            "samples": sum(self.stages.values()) + self.published_alone + self.infra_errors,
            "passed": self.stages["pass"] + self._passed_alone,
            "infra_errors": self.infra_errors,
            "stages": {stage: self.stages[stage] for stage in STAGES},
            "metrics": self.metrics(),
            "disagreements": self.disagreements,
        }


def summarize(verdicts: Iterable[Verdict]) -> Summary:
    """A Summary of all verdicts."""
    summary = Summary()
    for verdict in verdicts:
        summary.add(verdict)
    return summary
