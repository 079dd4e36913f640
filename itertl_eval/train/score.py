"""The quality z in 0..1 of a candidate, from its verdict: what the ranking ranks by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from itertl_eval.problem import Problem
from itertl_eval.train.instruction import is_ports_only
from itertl_eval.verdict import SCORES, Verdict

PRESETS = ("functional", "paper")
_WORD = re.compile(r"[a-z0-9]+")


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


def words(text: str) -> list[str]:
    """Lower-case runs of letters and digits, as the rouge-score package splits without stemming."""
    return _WORD.findall(text.lower())


def rouge_l(text: str, reference: str) -> float:
    """Rouge-L F1 in 0..1 over words; 0 when either side has none."""
    return rouge_l_words(words(text), words(reference))


def rouge_l_words(left: Sequence[str], right: Sequence[str]) -> float:
    """Rouge-L F1 of two word lists: 2 LCS / (len + len), which equals 2PR / (P + R)."""
    if not left or not right:
        return 0.0
    return 2 * LCSseq.similarity(left, right) / (len(left) + len(right))
