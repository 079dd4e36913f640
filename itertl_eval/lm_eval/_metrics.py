"""The metrics of the lm-eval tasks: their names, and their values for one problem."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from lm_eval.api.metrics import mean

from itertl_eval.results import (
    COMPILED,
    RTLLM_SKIPS,
    WITHOUT_ERRATA,
    pass_at_k,
    report_ks,
    v2_percent,
)
from itertl_eval.suites import HARNESSED, V2_TASKS, undecided
from itertl_eval.verdict import STAGES, Protocol, Verdict

AS_V2_REPORTS_IT = "official_percent_as_v2_reports_it"
AS_RTLLM_REPORTS_IT = "_as_rtllm_reports_it"
"""Ending of the published pass@k as RTLLM's script averages it; see `results.rtllm_mean`."""
ENDS = (*STAGES[:-1], "infra_error")
"""Where samples that do not pass end; the metric `ended_STAGE` is their share."""
UNSUPPORTED = "unsupported"
"""The share of samples that are valid designs which the simulator does not support."""


def metric_names(samples: int, protocol: Protocol, suite: str = "") -> dict[str, bool]:
    """Return each metric, and whether higher is better.

    With the protocol "official" our testbenches do not run, so neither pass@k nor a stage is
    known.

    Args:
        samples: Samples per problem.
        protocol: Which verdicts there are.
        suite: The task's suite; some have scripts that report another number.
    """
    names = [] if protocol == "official" else ["pass", "syntax"]
    if protocol != "cocotb":
        names.append("official_pass")
    scores = {f"{name}@{k}": True for name in names for k in report_ks(samples)}
    if protocol != "cocotb" and suite in V2_TASKS:
        scores[AS_V2_REPORTS_IT] = True
    if protocol != "cocotb" and suite == "rtllm":
        ks = report_ks(samples)
        scores |= {f"official_pass@{k}{AS_RTLLM_REPORTS_IT}": True for k in ks}
    if protocol == "official":
        return scores
    if suite in HARNESSED:
        scores |= {f"pass@{k}{WITHOUT_ERRATA}": True for k in report_ks(samples)}
    return scores | {UNSUPPORTED: False} | {f"ended_{stage}": False for stage in ENDS}


def scores_of(rows: list[dict[str, Any]], names: dict[str, bool]) -> dict[str, float]:
    """Return the metrics that one problem's verdicts give, leaving out infrastructure errors.

    A published verdict counts even where ours is an infrastructure error, as in `summary`.
    """
    graded = [row for row in rows if row["status"] != "infra_error"]
    verdicts = [row["official"]["passed"] for row in rows if row.get("official")]
    published = [passed for passed in verdicts if passed is not None]
    counts = {
        "pass": (len(graded), sum(row["passed"] for row in graded)),
        "syntax": (len(graded), sum(row["stage"] in COMPILED for row in graded)),
        "official_pass": (len(published), sum(published)),
    }
    found: dict[str, float] = {}
    for name in names:
        kind, _, k = name.partition("@")
        n, passed = counts.get(kind, (0, 0))
        if k.endswith(WITHOUT_ERRATA):
            k = k.removesuffix(WITHOUT_ERRATA)
            n = 0 if rows[0]["task_id"] in undecided() else n
        skipped = k.endswith(AS_RTLLM_REPORTS_IT) and rows[0]["task_id"] == RTLLM_SKIPS
        k = k.removesuffix(AS_RTLLM_REPORTS_IT)
        if k and int(k) <= n:
            found[name] = 0.0 if skipped else pass_at_k(n, passed, int(k))
    if published and AS_V2_REPORTS_IT in names:
        found[AS_V2_REPORTS_IT] = v2_percent(len(published), sum(published))
    ends = Counter("infra_error" if r["status"] == "infra_error" else r["stage"] for r in rows)
    shares = {f"ended_{stage}": ends[stage] / len(rows) for stage in ENDS}
    shares[UNSUPPORTED] = sum(row["unsupported"] for row in rows) / len(rows)
    return found | {name: share for name, share in shares.items() if name in names}


def aggregation_of(name: str) -> Callable[[list[float]], float]:
    """Return how a metric's values of all problems become one number."""
    return _mean_over_one_more if name.endswith(AS_RTLLM_REPORTS_IT) else mean


def _mean_over_one_more(values: list[float]) -> float:
    return sum(values) / (len(values) + 1)


def describe(verdict: Verdict) -> str:
    """Return a verdict as the JSON text that --log_samples shows, with the graded code."""
    return json.dumps({**verdict.as_row(), "code": verdict.code})


def verdict_rows(results: Iterable[str | list[str]]) -> list[dict[str, Any]]:
    """Return the verdicts of one problem. lm-eval 0.4 gives a list of lists, 0.5 a flat list."""
    flat: list[str] = []
    for entry in results:
        flat += [entry] if isinstance(entry, str) else entry
    return [json.loads(text) for text in flat]
