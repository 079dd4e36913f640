"""What a worker's answer means."""

from __future__ import annotations

from typing import Any

from itertl_eval.verdict import Stage, Status

_SIGNALS = {
    0: "the simulator stopped by itself",
    6: "out of memory",
    9: "killed at a resource limit",
    11: "the simulator crashed",
    24: "processor time limit",
    25: "file size limit",
    27: "processor time limit",
}
TIME_SIGNALS = {24, 27}
LIMITS = {0, 25, *TIME_SIGNALS}
"""Endings that are the design's own doing; any other signal may be the machine's fault."""


def interpret(result: dict[str, Any]) -> tuple[Status, Stage, str]:
    """Status, stage and message. Only an explicit, complete list of passed cases passes."""
    stage: Stage = result.get("stage", "extract")
    cases = result["cases"]
    if "broken" in result:
        return "infra_error", stage, result["broken"]
    if "failed" in result:
        return "fail", stage, result["failed"]
    if result["timeout"]:
        return "fail", stage, "stopped at its time limit"
    total = result.get("cases_total")
    complete = len(cases) == total or (cases and not cases[-1]["passed"])  # without `partial`
    if result.get("finished") and total and complete:
        for case in cases:
            if case.get("broken"):
                return "infra_error", stage, f"{case['name']}: {case['message']}"
            if not case["passed"]:
                return "fail", stage, f"{case['name']}: {case['message']}"
        return "pass", "pass", ""
    if result.get("finished") and not total:
        return "infra_error", stage, "the testbench has no test cases"
    if stage != "simulate" and not result["signal"]:
        return "infra_error", stage, "the grading process ended without an answer"
    ending = _SIGNALS.get(result["signal"], f"signal {result['signal']}")
    said = f"; it said: {result['said']}" if result.get("said") else ""
    return "fail", stage, f"ended before the testbench did ({ending}){said}"
