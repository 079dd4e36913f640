"""Run a problem's reference: to time it, or to see whether this machine still grades."""

from __future__ import annotations

from dataclasses import dataclass, field

from itertl_eval.grader._cache import grader_digest, key_of, tool_versions, verdict_cache
from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._limits import scaled_limit
from itertl_eval.grader._outcome import Finding, Outcome, interpret
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.extraction import extract
from itertl_eval.grader.worker import job, pool
from itertl_eval.problem import Problem

_Key = tuple[str, str]
"""A problem's digest, which does not cover the reference, and its reference."""
_seconds: dict[_Key, Seconds | None] = {}
"""What each problem's reference used; None without one."""
_errors: dict[_Key, str | None] = {}
"""See `testbench_error`."""
_asked: set[_Key] = set()
"""The problems for which the cache was asked what their reference used."""


def limit_of(problem: Problem, icarus: Icarus) -> Seconds:
    """Return the CPU time that a design may use; run the reference if it was never timed."""
    key = problem.digest, problem.reference
    if key not in _seconds:
        place = _place(key, icarus)
        known = verdict_cache().get(place)
        if known is None:
            known = {"seconds": reference_seconds(problem, icarus)}
            if known["seconds"]:  # it may have failed because of this machine
                verdict_cache().put(place, known)
        _seconds[key] = Seconds(*known["seconds"]) if known["seconds"] else None
    return scaled_limit(problem, _seconds[key])


def known_limit(problem: Problem, icarus: Icarus) -> Seconds | None:
    """Return the same if the reference has been timed, else None."""
    key = problem.digest, problem.reference  # looks at the testbench's files each time
    if key not in _seconds and key not in _asked:
        _asked.add(key)  # once, because asking costs more than it may save
        if verdict_cache().get(_place(key, icarus)) is not None:
            limit_of(problem, icarus)
    return scaled_limit(problem, _seconds[key]) if key in _seconds else None


def known_seconds(problem: Problem, digest: str, icarus: Icarus) -> float | None:
    """Return the CPU time of the reference's last run here, or None if it is not known."""
    key = digest, problem.reference
    if key in _seconds:
        spent = _seconds[key]
        return spent.run if spent else None
    known = verdict_cache().get(_place(key, icarus))
    return float(known["seconds"][0]) if known and known["seconds"] else None


def reference_seconds(problem: Problem, icarus: Icarus) -> Seconds | None:
    """Run the reference and return its CPU time, or None if there is none or it fails."""
    outcomes = _run(problem, icarus)
    if not outcomes or any(interpret(outcome).status != "pass" for outcome in outcomes):
        return None
    return Seconds(max(o.cpu for o in outcomes), max(o.simulated for o in outcomes))


@dataclass
class Trial:
    """What a first run of the reference shows about a testbench.

    Attributes:
        broken: What is wrong with the testbench; empty as a rule.
        late: Why it is imported in each simulation; empty if it is not.
        took: For each test case by name, its longest simulated time in nanoseconds.
        cpu: CPU seconds of the longest run.
    """

    broken: str = ""
    late: str = ""
    took: dict[str, float] = field(default_factory=dict)
    cpu: float = 0.0


def try_testbench(problem: Problem) -> Trial:
    """Run the reference once, in this thread's worker, to see whether the testbench can be used."""
    from itertl_eval.grader.simulation import UNUSABLE  # imports cocotb

    pool.begin()
    found = extract(problem.reference, problem.top, problem.prompt.header)
    trial = Trial()
    for parameters in problem.parameters:
        reference = make_job(problem, found.code or "", parameters, 0)
        outcome = pool.run(reference, find_icarus())
        trial.late = outcome.late
        trial.cpu = max(trial.cpu, outcome.cpu)
        if outcome.testbench_fault:
            trial.broken = (outcome.broken or "").removeprefix(UNUSABLE)
        for case in outcome.cases:
            trial.took[case.name] = max(case.took, trial.took.get(case.name, 0.0))
        if not outcome.finished:
            break
    return trial


def testbench_error(problem: Problem, icarus: Icarus) -> str | None:
    """Run the reference to find out whether the testbench itself is in error.

    Returns:
        The unexpected error that the reference ends in, "" if it passes, or None if that is not
        known: there is no reference, or it fails in another way.
    """
    key = problem.digest, problem.reference
    if key not in _errors:
        outcomes = _run(problem, icarus)
        if any(outcome.broken is not None for outcome in outcomes):
            return None  # the machine's fault, perhaps only for now
        failures = [case for outcome in outcomes if (case := outcome.first_failure) is not None]
        unexpected = [f"{case.name}: {case.message}" for case in failures if case.unexpected]
        passes = outcomes and all(interpret(outcome).status == "pass" for outcome in outcomes)
        _errors[key] = next(iter(unexpected), "" if passes else None)
    return _errors[key]


def _run(problem: Problem, icarus: Icarus) -> list[Outcome]:
    """Run the reference once for each setting of the parameters; nothing without a reference."""
    found = extract(problem.reference, problem.top, problem.prompt.header)
    if found.code is None:
        return []
    jobs = [make_job(problem, found.code, parameters, 0) for parameters in problem.parameters]
    return [pool.run(each, icarus) for each in jobs]


def runs_good_design(problem: Problem, icarus: Icarus) -> bool:
    """Run the reference, or an inverter if no reference works; return whether it passes now."""
    if _seconds.get((problem.digest, problem.reference)) is not None:
        return reference_seconds(problem, icarus) is not None
    return interpret(pool.run(job("~a"), icarus)).status == "pass"


def blame_machine(finding: Finding, problem: Problem, icarus: Icarus) -> Finding:
    """Return a failure as an infrastructure error if a good design does not run now either."""
    if runs_good_design(problem, icarus):
        return finding
    message = f"a good design does not run here either: {finding.message}"
    return finding._replace(status="infra_error", message=message)


def _place(key: _Key, icarus: Icarus) -> str:
    return key_of("cpu", *key, icarus.name, tool_versions(), grader_digest())
