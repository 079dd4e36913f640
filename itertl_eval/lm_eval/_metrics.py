"""The metrics of the lm-eval tasks: their names, and their values for one problem."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from itertl_eval.results import COMPILED, pass_at_k, report_ks, v2_percent
from itertl_eval.verdict import STAGES, Protocol, Verdict

AS_V2_REPORTS_IT = "official_percent_as_v2_reports_it"
ENDS = (*STAGES[:-1], "infra_error")
"""Where samples that do not pass end; the metric `ended_STAGE` is their share."""
UNSUPPORTED = "unsupported"
"""The share of samples that are valid designs which the simulator does not support."""


def metric_names(samples: int, protocol: Protocol, v2: bool) -> dict[str, bool]:
    """Return each metric, and whether higher is better.

    With the protocol "official" our testbenches do not run, so neither pass@k nor a stage is
    known.

    Args:
        samples: Samples per problem.
        protocol: Which verdicts there are.
        v2: Whether the task is one of VerilogEval v2's.
    """
    names = [] if protocol == "official" else ["pass", "syntax"]
    if protocol != "cocotb":
        names.append("official_pass")
    scores = {f"{name}@{k}": True for name in names for k in report_ks(samples)}
    if protocol != "cocotb" and v2:
        scores[AS_V2_REPORTS_IT] = True
    if protocol == "official":
        return scores
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
        if k and int(k) <= n:
            found[name] = pass_at_k(n, passed, int(k))
    if published and AS_V2_REPORTS_IT in names:
        found[AS_V2_REPORTS_IT] = v2_percent(len(published), sum(published))
    ends = Counter("infra_error" if r["status"] == "infra_error" else r["stage"] for r in rows)
    shares = {f"ended_{stage}": ends[stage] / len(rows) for stage in ENDS}
    shares[UNSUPPORTED] = sum(row["unsupported"] for row in rows) / len(rows)
    return found | {name: share for name, share in shares.items() if name in names}


def describe(verdict: Verdict) -> str:
    """Return a verdict as the JSON text that --log_samples shows, with the graded code."""
    return json.dumps({**verdict.as_row(), "code": verdict.code})


def verdict_rows(results: Iterable[str | list[str]]) -> list[dict[str, Any]]:
    """Return the verdicts of one problem. lm-eval 0.4 gives a list of lists, 0.5 a flat list."""
    flat: list[str] = []
    for entry in results:
        flat += [entry] if isinstance(entry, str) else entry
    return [json.loads(text) for text in flat]
