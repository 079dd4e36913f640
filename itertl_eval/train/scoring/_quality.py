"""The quality z in 0..1 of a candidate, from its verdict: what the ranking ranks by."""

from __future__ import annotations

from itertl_eval.problem import Problem
from itertl_eval.train.data import is_ports_only, rouge_l
from itertl_eval.verdict import SCORES, Verdict

PRESETS = ("functional", "paper")


def quality(preset: str, problem: Problem, verdict: Verdict, text: str, reference: str) -> float:
    """z of one candidate.

    `text` and `reference` are the answers as the model writes them; `reference` is empty where
    the instruction has none. Raises ValueError for an infrastructure error, of which nothing
    is known: the caller drops and counts those.
    """
    if verdict.status == "infra_error":
        raise ValueError(f"{verdict.task_id}: not graded, so it has no quality: {verdict.message}")
    if preset == "paper":
        return paper(verdict.pyverilog is True, text, reference)
    if is_ports_only(problem):
        return elaborated(verdict, text, reference)
    return verdict.score


def paper(parses: bool, text: str, reference: str) -> float:
    """The paper's reward: 1 when pyverilog parses the answer, else Rouge-L to the reference.

    It can't tell a correct design from any other that compiles; it is here to compare with.
    """
    return 1.0 if parses else rouge_l(text, reference)


def elaborated(verdict: Verdict, text: str, reference: str) -> float:
    """Quality where no testbench exists: the verdict's tiers up to elaboration, then similarity.

    A design that elaborates with the right ports gets 0.2 + 0.3 Rouge-L: never a passing
    design's 1.0, because nothing was simulated.
    """
    if not verdict.passed:
        return min(verdict.score, SCORES["simulate"])
    return round(SCORES["simulate"] + 0.3 * rouge_l(text, reference), 6)
