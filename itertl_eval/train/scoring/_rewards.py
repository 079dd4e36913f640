"""The reward z in 0..1 of a completion, from its verdict: the number that groups are ranked by."""

from __future__ import annotations

from itertl_eval.problem import Problem
from itertl_eval.train.data import is_ports_only, rouge_l
from itertl_eval.verdict import SCORES, Verdict

UNSUPPORTED = 0.125
"""The reward of a valid design that this simulator does not support: more than that of any text
that does not compile, less than that of a design whose ports are known to be wrong."""


def reward(preset: str, problem: Problem, verdict: Verdict, text: str, reference: str) -> float:
    """Return the reward of one completion.

    Args:
        preset: "functional" or "paper".
        problem: The problem that the completion is for.
        verdict: What the grader found.
        text: The completion as the model wrote it.
        reference: The reference in the same form; empty where the instruction has none.

    Returns:
        z in 0..1.

    Raises:
        ValueError: For an infrastructure error, which says nothing about the completion. The
            caller drops and counts those.
    """
    if verdict.status == "infra_error":
        raise ValueError(f"{verdict.task_id}: not graded, so it has no reward: {verdict.message}")
    if preset == "paper":
        return paper(verdict.pyverilog is True, text, reference)
    if verdict.unsupported:
        return UNSUPPORTED
    if is_ports_only(problem):
        return elaborated(verdict, text, reference)
    return verdict.score


def paper(parses: bool, text: str, reference: str) -> float:
    """Return the paper's reward: 1 if pyverilog parses the text, else Rouge-L to the reference.

    It can't tell a correct design from any other design that compiles; it exists for comparison.
    """
    return 1.0 if parses else rouge_l(text, reference)


def elaborated(verdict: Verdict, text: str, reference: str) -> float:
    """Return the reward where no testbench exists: tiers up to elaboration, then similarity.

    A design that elaborates with the right ports gets 0.2 + 0.3 Rouge-L. It never gets a passing
    design's 1.0, because nothing was simulated.
    """
    if not verdict.passed:
        return min(verdict.score, SCORES["simulate"])
    return round(SCORES["simulate"] + 0.3 * rouge_l(text, reference), 6)
