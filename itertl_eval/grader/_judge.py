"""judge: one Item in, one Verdict out; the unit of work that executors run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from itertl_eval.errors import ItertlError
from itertl_eval.grader._cache import (
    grader_digest,
    key_of,
    single_flight,
    tool_versions,
    verdict_cache,
)
from itertl_eval.grader._item import Item, require_testbenches, sample_seed
from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._limits import first_limit, known_limit, limit_of, runs_good_design
from itertl_eval.grader._outcome import LIMITS, TIME_SIGNALS, interpret
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.extraction import extract
from itertl_eval.grader.worker import pool
from itertl_eval.verdict import Stage, Status, Verdict, score_of

_CACHED = (
    "status", "stage", "score", "cases_passed", "cases_total", "message", "seconds", "pyverilog",
    "unsupported",
)  # fmt: skip


def judge(item: Item) -> Verdict:
    """Grade one item in this thread's worker; see grading.grade."""
    pool.begin()
    problem = item.problem
    if item.protocol != "official":
        require_testbenches([problem])
    icarus = find_icarus()
    started = time.monotonic()
    found = extract(item.completion, problem.top, problem.prompt.header)
    seed = sample_seed(problem, found.code or item.completion, item.seed)
    blank = Verdict(
        task_id=problem.id, sample=item.sample, status="fail", stage="extract", score=0.0,
        cases_passed=0, cases_total=0, message=found.problem, seconds=0.0, cached=False, seed=seed,
        simulator=icarus.name, code=found.code,
    )  # fmt: skip
    if item.protocol != "cocotb":
        blank = replace(blank, official=_official(item, icarus))
        if item.protocol == "official":
            return _as_published(blank, started)
    if found.code is None:
        return replace(blank, seconds=round(time.monotonic() - started, 6))
    if not item.cache:
        return _simulate(item, blank, icarus, started)[0]
    facts = problem.digest, seed, item.partial, icarus.name, tool_versions(), grader_digest()
    key = key_of(found.code, *facts)
    with single_flight(key):
        known = verdict_cache().get(key)
        if known is not None:
            return replace(blank, **known, cached=True)
        verdict, lasting = _simulate(item, blank, icarus, started)
        if lasting:
            verdict_cache().put(key, {name: getattr(verdict, name) for name in _CACHED})
        return verdict


def _official(item: Item, icarus: Icarus) -> dict[str, Any]:
    """Return the published verdict: {"passed", "label"}, from the cache if it is known.

    Nothing that goes wrong with one completion is raised, because it must not cost our verdict.
    """
    from itertl_eval.grader.published import official

    problem = item.problem
    key = key_of(
        "official", problem.suite, problem.id, item.completion, icarus.name, grader_digest()
    )
    known = verdict_cache().get(key) if item.cache else None
    if known is None:
        try:
            known = dict(official(problem, item.completion, unsafe=pool.unsafe()))
        except ItertlError:  # the protocol can't be used here at all
            raise
        except Exception as error:
            known = {"passed": None, "label": f"not judged: {type(error).__name__}: {error}"}
        label = known["label"]
        # A time limit may be hit or missed on another day.
        lasting = known["passed"] is not None and "time" not in label.lower() and label != "T"
        if item.cache and lasting:
            verdict_cache().put(key, known)
    return known


def _published_stage(blank: Verdict) -> Stage:
    """The stage that comes nearest to a published label, for readers: no score counts it."""
    assert blank.official is not None
    if blank.official["passed"]:
        return "pass"
    if blank.code is None or blank.official["passed"] is None:
        return "extract"
    label = blank.official["label"]
    if label in ("failed: syntax error.", "S"):
        return "syntax"
    # v2 has a letter for each of several compile errors.
    return "elaborate" if label in ("failed: compile error.", *"Ce0wmcp") else "simulate"


def _as_published(blank: Verdict, started: float) -> Verdict:
    """A Verdict that says what the published protocol says and no more."""
    assert blank.official is not None
    passed = blank.official["passed"]
    status: Status = "infra_error" if passed is None else "pass" if passed else "fail"
    return replace(
        blank, protocol="official", status=status,
        stage=_published_stage(blank), score=float(passed is True),
        message="" if passed else f"published protocol: {blank.official['label']}",
        seconds=round(time.monotonic() - started, 6),
    )  # fmt: skip


def _simulate(item: Item, blank: Verdict, icarus: Icarus, started: float) -> tuple[Verdict, bool]:
    """The verdict, and whether it would be the same on another day: limits may not be."""
    assert blank.code is not None
    problem = item.problem
    passed = total = 0
    pyverilog: bool | None = None
    lasting, unsupported = True, False
    for parameters in problem.parameters:
        result = _run(item, blank, icarus, dict(parameters))
        if "pyverilog" in result:
            pyverilog = result["pyverilog"] is None
        status, stage, message = interpret(result)
        lasting = lasting and not result["timeout"] and not result.get("signal")
        passed += sum(case["passed"] for case in result["cases"])
        total += result.get("cases_total", 0)
        if status == "fail" and _crashed(result) and not runs_good_design(problem, icarus):
            status, message = "infra_error", f"a good design does not run here either: {message}"
        unsupported = status == "fail" and result.get("unsupported", False)
        if status != "pass":
            if parameters and message:
                setting = ", ".join(f"{key}={value}" for key, value in parameters.items())
                message = f"with {setting}: {message}"
            break
    else:
        status, stage, message = "pass", "pass", ""
    verdict = replace(
        blank, status=status, stage=stage, message=message, cases_passed=passed, cases_total=total,
        score=0.0 if status == "infra_error" else score_of(stage, passed, total),
        pyverilog=pyverilog, unsupported=unsupported, seconds=round(time.monotonic() - started, 6),
    )  # fmt: skip
    return verdict, lasting and status != "infra_error"


def _run(item: Item, blank: Verdict, icarus: Icarus, parameters: dict[str, int]) -> dict[str, Any]:
    """One run at the design's limit. The reference is timed only for a design that needs more
    than the floor: with many problems and few answers to each, that would be most of the work."""
    assert blank.code is not None
    problem, code = item.problem, blank.code

    def run(limit: Seconds) -> dict[str, Any]:
        job = make_job(problem, code, parameters, blank.seed, limit)
        return pool.run(job | {"partial": item.partial}, icarus)

    known = known_limit(problem, icarus)
    limit = known or first_limit(problem)
    result = run(limit)
    # By the signal too: the timer that sends it goes by ticks and may be ahead of the exact sum.
    spent = result.get("cpu", 0.0) > 0.9 * limit.simulation or result.get("signal") in TIME_SIGNALS
    if (
        spent
        and not result.get("finished")
        and known is None
        and (more := limit_of(problem, icarus)) > limit
    ):
        result = run(more)
    return result


def _crashed(result: dict[str, Any]) -> bool:
    """Compiler or simulator ended in a way that may be the machine's fault."""
    unanswered = not result.keys() & {"failed", "finished"} and not result["timeout"]
    return result.get("crashed", False) or (unanswered and result.get("signal") not in LIMITS)
