"""How long a design may run: scaled from the reference's own run, with a floor and a cap."""

from __future__ import annotations

from itertl_eval.grader._job import Seconds
from itertl_eval.problem import Problem

FACTOR, FLOOR = 20, Seconds(1, 0.25)
"""A design may use 20 times the reference's CPU time, and this much in any case.

A loop without delay never ends by itself and uses all that it gets; in what a model writes while
it learns, such loops can cost more than all other designs together.
"""


def scaled_limit(problem: Problem, reference: Seconds | None) -> Seconds:
    """Return the CPU time that a design may use.

    CPU time, unlike wall time, does not depend on what else the machine does. The problem's own
    limit is the cap.

    Args:
        problem: The problem that the design solves.
        reference: What the reference used; None without one that works, which gives the cap.
    """
    cap = problem.limits.cpu
    if reference is None:
        return Seconds(cap, cap)
    pairs = zip(FLOOR, reference, strict=True)
    return Seconds(*(min(cap, max(low, FACTOR * spent)) for low, spent in pairs))


def first_limit(problem: Problem) -> Seconds:
    """Return the CPU time that a design may use as long as the reference has not been timed."""
    return Seconds(*(min(problem.limits.cpu, low) for low in FLOOR))
