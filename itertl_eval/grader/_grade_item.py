"""grade_item: one Item in, one Verdict out; the unit of work that executors run.

`grading` is the same in steps, for a thread that keeps many workers busy: it yields each job that
a worker has to run, and is sent the outcome. It yields None before what may take long in this
thread; nothing is sent for that.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from itertl_eval._util.testbench_files import content_digest, files_digest
from itertl_eval.grader._cache import (
    flight,
    grader_digest,
    key_of,
    tool_versions,
    verdict_cache,
)
from itertl_eval.grader._item import Item, sample_seed
from itertl_eval.grader._job import Job, Seconds, make_job
from itertl_eval.grader._limits import first_limit
from itertl_eval.grader._outcome import TIME_SIGNALS, Finding, Outcome, interpret
from itertl_eval.grader._reference import (
    blame_machine,
    known_limit,
    limit_of,
    testbench_error,
)
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.extraction import Extraction, extract, extract_files
from itertl_eval.grader.harness import grade_by_harness, tool_versions_of
from itertl_eval.grader.simulation import written_for_cocotb1
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Parameters
from itertl_eval.verdict import Verdict

_CACHED = (
    "status",
    "stage",
    "score",
    "cases_passed",
    "cases_total",
    "message",
    "seconds",
    "pyverilog",
    "unsupported",
)
_LONG = 100_000
"""A completion of more characters is searched for so long that other workers would wait."""

T = TypeVar("T")
Steps = Generator[Job | None, Any, T]
"""Yields jobs and None, is sent outcomes and None, and returns a T."""


def grade_item(item: Item) -> Verdict:
    """Grade one item in this thread's worker. Its problem has a testbench (see `grade`)."""
    pool.begin()
    return finish(grading(item))


def finish(steps: Steps[T], job: Job | None = None, tried: Outcome | None = None) -> T:
    """Take all steps that are left, in this thread's worker.

    Args:
        steps: The steps.
        job: The job that was yielded last, if it was one.
        tried: The outcome of a first try of this job, which was made elsewhere.
    """
    icarus = find_icarus()
    with contextlib.closing(steps):  # or a lock is held as long as someone keeps an exception
        while True:
            outcome = None if job is None else pool.run(job, icarus, tried)
            tried = None
            try:
                job = steps.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result


def grading(item: Item) -> Steps[Verdict]:
    """Grade one item in steps; see the module's docstring."""
    problem = item.problem
    if problem.harness is not None or item.protocol != "cocotb" or len(item.completion) > _LONG:
        yield None
    icarus = find_icarus()
    started = time.monotonic()
    found = _extract(item)
    blank = Verdict(
        task_id=problem.id,
        sample=item.sample,
        status="fail",
        stage="extract",
        score=0.0,
        cases_passed=0,
        cases_total=0,
        message=found.problem,
        seconds=0.0,
        cached=False,
        seed=sample_seed(problem, found.code or item.completion, item.seed),
        simulator=icarus.name,
        code=found.code,
    )
    if item.protocol != "cocotb":
        from itertl_eval.grader.published import as_published, official_of

        blank = replace(blank, official=official_of(item, icarus))
        if item.protocol == "official":
            return as_published(blank, started)
    if found.code is None:
        return replace(blank, seconds=_since(started))
    if not item.cache:
        return (yield from _simulate(item, found, blank, icarus, started))[0]
    facts = problem.digest, blank.seed, item.partial, item.order, *item.most_ns.items()
    if problem.harness:
        facts = *facts, *tool_versions_of(problem.harness)
    key = key_of(found.code, *facts, icarus.name, tool_versions(), grader_digest())
    testbench = files_digest(problem.testbench, problem.files)
    with flight(key) as lock:
        if not lock.acquire(blocking=False):
            yield None
            lock.acquire()
        try:
            known = verdict_cache().get(key)
            if known is not None and _unchanged(known.pop("depends", {})):
                return replace(blank, **known, cached=True)
            verdict, outcomes = yield from _simulate(item, found, blank, icarus, started)
            if _is_lasting(verdict, outcomes, testbench):
                depends = {path: text for each in outcomes for path, text in each.depends.items()}
                row = {name: getattr(verdict, name) for name in _CACHED}
                verdict_cache().put(key, row | {"depends": depends})
            return verdict
        finally:
            lock.release()


def _is_lasting(verdict: Verdict, outcomes: list[Outcome], testbench: str) -> bool:
    """Return whether the verdict will be the same on another day.

    A limit may be hit or missed then, and a file may have changed meanwhile.
    """
    return verdict.status != "infra_error" and all(
        not (outcome.timeout or outcome.signal or outcome.volatile)
        and outcome.testbench == testbench
        for outcome in outcomes
    )


def _extract(item: Item) -> Extraction:
    problem = item.problem
    if problem.harness is None:
        return extract(item.completion, problem.top, problem.prompt.header)
    return extract_files(item.completion, problem.harness.modules, problem.harness.known)


def _unchanged(depends: Mapping[str, str]) -> bool:
    """Return whether the further files that a testbench has read are as they were."""
    return all(content_digest(Path(path)) == digest for path, digest in depends.items())


def _since(started: float) -> float:
    return round(time.monotonic() - started, 6)


def _simulate(
    item: Item, found: Extraction, blank: Verdict, icarus: Icarus, started: float
) -> Steps[tuple[Verdict, list[Outcome]]]:
    """Return the verdict, and the outcome for each setting of the parameters that was run."""
    problem = item.problem
    if problem.harness is not None:
        verdict, ran = grade_by_harness(item, found.files, blank, icarus)
        return replace(verdict, seconds=_since(started)), ran
    passed = total = 0
    pyverilog: bool | None = None
    outcomes: list[Outcome] = []
    unsupported = testbench_fault = False
    finding = Finding("pass", "pass", "")
    for parameters in problem.parameters:
        outcome = yield from _run(item, blank, icarus, parameters)
        if outcome.pyverilog is not None:
            pyverilog = outcome.pyverilog
        outcome, finding = yield from _check_testbench(item, blank, icarus, parameters, outcome)
        outcomes.append(outcome)
        passed += sum(case.passed for case in outcome.cases)
        total += outcome.cases_total or 0
        if finding.status == "fail" and outcome.inconclusive:
            yield None
            finding = blame_machine(finding, problem, icarus)
        if finding.status != "pass":
            gap = outcome.unsupported or outcome.aborted
            unsupported = finding.status == "fail" and gap
            testbench_fault = finding.status == "infra_error" and outcome.testbench_fault
            if testbench_fault and written_for_cocotb1(finding.message):
                message = f"{finding.message} (the testbench seems to be written for cocotb 1.x)"
                finding = finding._replace(message=message)
            if parameters and finding.message:
                setting = ", ".join(f"{key}={value}" for key, value in parameters.items())
                finding = finding._replace(message=f"with {setting}: {finding.message}")
            break
    verdict = replace(
        blank,
        **finding._asdict(),
        cases_passed=passed,
        cases_total=total,
        score=finding.score(passed, total),
        pyverilog=pyverilog,
        unsupported=unsupported,
        testbench_fault=testbench_fault,
        seconds=_since(started),
    )
    return verdict, outcomes


def _run(item: Item, blank: Verdict, icarus: Icarus, parameters: Parameters) -> Steps[Outcome]:
    """Run the design once, or twice if it may need more time than the floor.

    The reference is timed only for such a design: with many problems and few completions for
    each, timing all references would be most of the work.
    """
    problem = item.problem
    known = known_limit(problem, icarus)
    limit = known or first_limit(problem)
    outcome: Outcome = yield _job(item, blank, parameters, limit)
    # By the signal too: the timer that sends it goes by ticks and may be ahead of the exact sum.
    spent = outcome.cpu > 0.9 * limit.simulation or outcome.signal in TIME_SIGNALS
    if spent and not outcome.finished and known is None:
        yield None
        more = limit_of(problem, icarus)
        if more > limit:
            outcome = yield _job(item, blank, parameters, more)
    return outcome


def _job(item: Item, blank: Verdict, parameters: Parameters, limit: Seconds) -> Job:
    assert blank.code is not None
    return make_job(
        item.problem,
        blank.code,
        parameters,
        blank.seed,
        limit,
        partial=item.partial,
        order=item.order,
        most_ns=item.most_ns,
    )


def _check_testbench(
    item: Item,
    blank: Verdict,
    icarus: Icarus,
    parameters: Parameters,
    outcome: Outcome,
) -> Steps[tuple[Outcome, Finding]]:
    """Return what the outcome says, once it is clear whose fault an unexpected error is.

    A testbench may end in a TypeError because it is wrong, or because a design gives it a value
    that it can't handle. The reference decides: if it ends so too, the testbench is broken.
    """
    finding, case = interpret(outcome), outcome.first_failure
    if outcome.testbench_fault and outcome.stage == "simulate":
        yield None
        # Some testbenches are imported beside the design, which can be what they stumble over.
        if testbench_error(item.problem, icarus) != "":
            return outcome, finding
        outcome.broken, outcome.testbench_fault = None, False
        message = f"only with this design, {finding.message}"
        return outcome, finding._replace(status="fail", message=message)
    if not outcome.finished or case is None or not case.unexpected:
        return outcome, finding
    yield None
    error = testbench_error(item.problem, icarus)
    if error:
        outcome.broken = f"the testbench is broken; the reference, too, ends in {error}"
        outcome.testbench_fault = True
        return outcome, interpret(outcome)
    if error is None or not case.broken:
        return outcome, finding
    # The reference passes. Was it the design, or something that is over by now?
    outcome = yield from _run(item, blank, icarus, parameters)
    finding, case = interpret(outcome), outcome.first_failure
    if case is not None and case.broken and outcome.finished:
        finding = finding._replace(status="fail")
    return outcome, finding
