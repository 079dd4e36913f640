"""How long a design may run: scaled from the reference's own run, with a floor and a cap."""

from __future__ import annotations

from itertl_eval.grader._cache import grader_digest, key_of, tool_versions, verdict_cache
from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._outcome import interpret
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.extraction import extract
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Problem

FACTOR, FLOOR = 20, Seconds(1, 0.25)
"""A design may use 20 times what the reference does, and so much anyway.

A loop without delay never ends by itself and costs all that it is given; in what a model writes
while it learns, such loops can cost more than all other designs together.
"""
_seconds: dict[str, Seconds | None] = {}
"""What each problem's reference took, by the problem's digest; None without one."""
_asked: set[str] = set()
"""The problems for which the cache was asked what their reference took."""


def limit_of(problem: Problem, icarus: Icarus) -> Seconds:
    """What a design may use: scaled from the reference's own run.

    Processor time, unlike wall time, does not depend on what else the machine does. The
    problem's own limit is the cap, and what holds where there is no working reference.
    """
    if problem.digest not in _seconds:
        known = verdict_cache().get(_key(problem, icarus))
        if known is None:
            known = {"seconds": reference_seconds(problem, icarus)}
            verdict_cache().put(_key(problem, icarus), known)
        _seconds[problem.digest] = Seconds(*known["seconds"]) if known["seconds"] else None
    spent, cap = _seconds[problem.digest], problem.limits.cpu
    if spent is None:
        return Seconds(cap, cap)
    return Seconds(*(min(cap, max(low, FACTOR * s)) for low, s in zip(FLOOR, spent, strict=True)))


def known_limit(problem: Problem, icarus: Icarus) -> Seconds | None:
    """The limit where the reference has been timed; None where it has not."""
    if problem.digest not in _seconds and problem.digest not in _asked:
        _asked.add(problem.digest)  # once, for the question costs more than what it may save
        if verdict_cache().get(_key(problem, icarus)) is not None:
            limit_of(problem, icarus)
    return limit_of(problem, icarus) if problem.digest in _seconds else None


def first_limit(problem: Problem) -> Seconds:
    """The limit as long as the reference has not been timed."""
    return Seconds(*(min(problem.limits.cpu, low) for low in FLOOR))


def known_seconds(problem: Problem, icarus: Icarus) -> float | None:
    """What the reference took when it was last run here; None where that is not known."""
    if problem.digest in _seconds:
        spent = _seconds[problem.digest]
        return spent.run if spent else None
    known = verdict_cache().get(_key(problem, icarus))
    return known["seconds"][0] if known and known["seconds"] else None


def reference_seconds(problem: Problem, icarus: Icarus) -> Seconds | None:
    """Run the reference: what it took, or None when there is none or it fails."""
    found = extract(problem.reference, problem.top, problem.prompt.header)
    if found.code is None:
        return None
    jobs = [make_job(problem, found.code, dict(p), 0) for p in problem.parameters]
    results = [pool.run(job, icarus) for job in jobs]
    if any(interpret(result)[0] != "pass" for result in results):
        return None
    return Seconds(*(max(result[name] for result in results) for name in ("cpu", "simulated")))


def runs_good_design(problem: Problem, icarus: Icarus) -> bool:
    """Run the reference, or where there is none that works an inverter: does it pass now?"""
    from itertl_eval.grader.worker import job

    if _seconds.get(problem.digest) is not None:
        return reference_seconds(problem, icarus) is not None
    return interpret(pool.run(job("~a"), icarus))[0] == "pass"


def _key(problem: Problem, icarus: Icarus) -> str:
    return key_of("cpu", problem.digest, icarus.name, tool_versions(), grader_digest())
