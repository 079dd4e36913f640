"""Verdict: the result of grading one completion."""

from __future__ import annotations

import re
import warnings
from dataclasses import asdict, dataclass
from typing import Any, Literal

Stage = Literal["extract", "policy", "syntax", "elaborate", "interface", "simulate", "pass"]
Status = Literal["pass", "fail", "infra_error"]
Protocol = Literal["cocotb", "official", "both"]
Order = Literal["written", "reversed"]
"""The order in which the test cases of a testbench run."""
STAGES: tuple[Stage, ...] = (
    "extract",
    "policy",
    "syntax",
    "elaborate",
    "interface",
    "simulate",
    "pass",
)

SCORES: dict[Stage, float] = {
    "extract": 0.0,
    "policy": 0.0,
    "syntax": 0.05,
    "elaborate": 0.1,
    "interface": 0.15,
    "simulate": 0.2,
    "pass": 1.0,
}
"""The score of a design by the stage it ended in; `simulate` adds 0.3 times the share of test
cases passed, so that the best failing design scores less than half of a passing one."""

_FEEDBACK: dict[Stage, str] = {
    "extract": "No complete Verilog module was found in your answer.",
    "policy": "The design uses a construct that is not allowed.",
    "syntax": "The design has a syntax error.",
    "elaborate": "The design does not compile.",
    "interface": "The ports or parameters are not the ones asked for.",
    "simulate": "The design compiles, but its behavior is wrong. First mismatch:",
}


@dataclass(frozen=True)
class Verdict:
    """The result of grading one completion: where and why it ended.

    `status` is "infra_error" if this machine or the testbench failed, so that nothing is known of
    the design; `passed` is then False and `score` 0, and neither may be counted. `seconds` is wall
    time in the worker; `simulator` is the version that was used. With the `protocol` "official"
    only the published harness was run, and nothing of it may be counted as pass or syntax.
    """

    task_id: str
    sample: int
    status: Status
    stage: Stage
    score: float
    cases_passed: int
    cases_total: int
    message: str
    seconds: float
    cached: bool
    seed: int
    simulator: str = ""
    code: str | None = None
    pyverilog: bool | None = None
    official: dict[str, Any] | None = None
    protocol: Protocol = "cocotb"
    unsupported: bool = False
    """A valid design that this simulator can't compile or run: a fail that is not the model's."""
    testbench_fault: bool = False
    """An "infra_error" that is the testbench's fault, and will be in every other sample."""

    @property
    def passed(self) -> bool:
        return self.status == "pass"

    def feedback(self) -> str:
        """Tell a model what to mend: where the design ended, and the first thing that is wrong.

        The text holds the compiler's message with its line, or the first mismatch with its inputs,
        the expected and the actual value. Of a testbench's own message it holds the first line, up
        to the second mismatch, so that a list of all mismatches gives no more away than one.

        Returns:
            Empty for a design that passes, and for an infrastructure error, which says nothing
            about the design.
        """
        if self.status != "fail":
            return ""
        if self.unsupported:
            return (
                f"The simulator does not support this construct; use a simpler one.\n{self.message}"
            )
        said = _first_mismatch(self.message) if self.stage == "simulate" else self.message
        return f"{_FEEDBACK[self.stage]}\n{said}".rstrip()

    def as_row(self) -> dict[str, Any]:
        """Return the verdict as one row of a JSON lines file, without the code."""
        row = {**asdict(self), "passed": self.passed}
        del row["code"]
        if self.official is None:
            del row["official"]
        if self.protocol != "official":
            del row["protocol"]
        if not self.testbench_fault:
            del row["testbench_fault"]
        return row


_COMPARED = re.compile(r"\b(?:expected|should|want(?:ed)?)\b(?!\s*=[^=])|[!=]=", re.IGNORECASE)
"""What says that two values differ; an input may have such a name."""


def _first_mismatch(message: str) -> str:
    """Return the first line of a message, with the one that it announces, up to a second mismatch.

    >>> _first_mismatch("adds: 2 wrong:\\n  s: expected 1, got 2; c: expected 0, got 1")
    'adds: 2 wrong: s: expected 1, got 2 ...'
    """
    lines = [line for each in message.splitlines() if (line := each.strip())]
    shown = 2 if lines and lines[0].endswith(":") else 1
    text = " ".join(lines[:shown])
    cut = text
    seen: dict[str, re.Match[str]] = {}
    for found in _COMPARED.finditer(text):
        before = seen.setdefault(found[0].lower(), found)
        if before is not found:  # the second mismatch begins after a separator, if there is one
            between = text[before.end() : found.start()]
            end = max(map(between.rfind, ";|"))
            end = end if end >= 0 else between.rfind(",")
            cut = text[: before.end() + (end if end >= 0 else len(between))]
            break
    return f"{cut.rstrip()} ..." if len(cut) < len(text) or len(lines) > shown else cut


def score_of(stage: Stage, cases_passed: int, cases_total: int) -> float:
    """Return the score, from 0 to 1, of a design that ended in a stage; see SCORES."""
    if stage != "simulate" or not cases_total:
        return SCORES[stage]
    return round(SCORES["simulate"] + 0.3 * cases_passed / cases_total, 6)


def ungraded(
    task_id: str, sample: int, seed: int, message: str, testbench_fault: bool = False
) -> Verdict:
    """Return the "infra_error" of a sample that was not graded; `message` says why."""
    return Verdict(
        task_id=task_id,
        sample=sample,
        status="infra_error",
        stage="extract",
        score=0.0,
        cases_passed=0,
        cases_total=0,
        message=message,
        seconds=0.0,
        cached=False,
        seed=seed,
        testbench_fault=testbench_fault,
    )


def warn_of_testbench(verdict: Verdict) -> None:
    """Warn of a testbench that is broken; Python shows the same warning once."""
    if verdict.testbench_fault:
        warnings.warn(f"no verdict on {verdict.task_id}: {verdict.message}", stacklevel=3)
