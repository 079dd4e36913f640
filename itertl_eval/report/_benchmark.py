"""Benchmark: the verdicts of one model on one task, whichever file they came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from itertl_eval.errors import UsageError
from itertl_eval.results import COMPILED, Summary, pass_at_k, summarize
from itertl_eval.verdict import STAGES, Verdict
from itertl_eval.waves import Wave

STATUSES = ("pass", "fail", "infra_error")


@dataclass
class Benchmark:
    """One run. Numbers are computed from the verdicts by `summary`.

    `completions` holds, by position in `verdicts`, the completion where no code was kept.
    `reported` are the harness's own metrics; the verdicts must agree with them.
    `ended` are its shares of samples by stage, in 0..1, without those that pass.
    `waves` holds, by task_id and sample, the waveforms that were recorded of failing samples.
    `expected` are the ids of all problems of the suite, where they are known.
    """

    name: str
    task: str
    source: str
    verdicts: list[Verdict]
    suite: str = ""
    prompts: dict[str, str] = field(default_factory=dict)
    completions: dict[int, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    reported: dict[str, dict[str, float]] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    waves: dict[tuple[str, int], Wave] = field(default_factory=dict)
    expected: frozenset[str] = frozenset()

    @cached_property
    def summary(self) -> Summary:
        return summarize(self.verdicts, self.expected)

    @cached_property
    def metrics(self) -> dict[str, dict[str, float]]:
        """Name -> value and stderr; the harness's numbers if there are no verdicts."""
        return self.summary.metrics() if self.verdicts else self.reported

    @cached_property
    def by_problem(self) -> dict[str, list[int]]:
        """task_id -> positions of its samples in `verdicts`, in file order."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, verdict in enumerate(self.verdicts):
            found[verdict.task_id].append(at)
        return dict(found)

    def text_of(self, at: int) -> str:
        """Return the graded code, or the completion where there is none."""
        code = self.verdicts[at].code
        return self.completions.get(at, "") if code is None else code

    def rates(self, metric: str) -> dict[str, float]:
        """Return task_id -> pass@1, syntax@1 or official_pass@1 of each problem."""
        found = {}
        for task_id, places in self.by_problem.items():
            verdicts = [self.verdicts[at] for at in places]
            graded = [v for v in verdicts if v.status != "infra_error" and v.protocol != "official"]
            if metric == "official_pass@1":
                published = [v.official["passed"] for v in verdicts if v.official is not None]
                good = [passed for passed in published if passed is not None]
            elif metric == "syntax@1":
                good = [v.stage in COMPILED for v in graded]
            else:
                good = [v.passed for v in graded]
            if good:
                found[task_id] = pass_at_k(len(good), sum(good), 1)
        return found


_TYPES: dict[str, tuple[type, ...]] = {
    "task_id": (str,),
    "sample": (int,),
    "status": (str,),
    "stage": (str,),
    "score": (int, float),
    "cases_passed": (int,),
    "cases_total": (int,),
    "message": (str,),
    "seconds": (int, float),
    "cached": (bool,),
    "seed": (int,),
    "simulator": (str,),
    "code": (str, type(None)),
    "pyverilog": (bool, type(None)),
    "official": (dict, type(None)),
    "protocol": (str,),
    "unsupported": (bool,),
    "testbench_fault": (bool,),
}
_DEFAULTS: dict[str, Any] = {
    "score": 0.0,
    "cases_passed": 0,
    "cases_total": 0,
    "message": "",
    "seconds": 0.0,
    "cached": False,
    "seed": 0,
}


def verdict_of(row: Mapping[str, Any], place: str, sample: int) -> Verdict:
    """Read a row into a Verdict; `sample` is its number unless the row has one.

    Keys that a later version adds are ignored. UsageError names `place` and what is wrong.
    """
    values: dict[str, Any] = {**_DEFAULTS, "sample": sample}
    values |= {f.name: row[f.name] for f in fields(Verdict) if f.name in row}
    for name in ("task_id", "status", "stage"):
        if name not in values:
            raise UsageError(
                f"{place}: no {name!r}, so it is not a verdict of `itertl-eval grade`; "
                "make the file with: itertl-eval grade SAMPLES.jsonl --task TASK --output FILE"
            )
    for name, value in values.items():
        if not isinstance(value, _TYPES[name]):
            raise UsageError(f"{place}: {name!r} is {value!r:.200}, which no grader writes")
    if values["status"] not in STATUSES or values["stage"] not in STAGES:
        raise UsageError(
            f"{place}: status {values['status']!r:.80} in stage {values['stage']!r:.80} is "
            f"unknown; there are {', '.join(STATUSES)} and {', '.join(STAGES)}"
        )
    official = values.get("official")
    if official is not None and not (
        isinstance(official.get("passed"), bool | None) and isinstance(official.get("label"), str)
    ):
        raise UsageError(f"{place}: 'official' must hold 'passed' and 'label'")
    return Verdict(**values)
