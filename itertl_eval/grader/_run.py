"""Run one design in this thread's worker, for code that needs more than a verdict."""

from __future__ import annotations

from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Problem


def run_design(
    problem: Problem, code: str, *, seed: int = 0, seconds: tuple[float, float] | None = None
) -> Outcome:
    """Return what the worker reports about one design on a problem's testbench.

    Args:
        problem: Its testbench, ports, top module and limits are used.
        code: The design, as `extract` returns it.
        seed: The testbench's random seed.
        seconds: CPU time limits in seconds of the whole run and of the simulation in it.

    Returns:
        What became of it; `interpret` says what that means for the design.
    """
    pool.begin()
    limit = Seconds(*seconds) if seconds else None
    parameters = dict(problem.parameters[0]) if problem.parameters else {}
    return pool.run(make_job(problem, code, parameters, seed, limit), find_icarus())


__all__ = ["run_design"]
