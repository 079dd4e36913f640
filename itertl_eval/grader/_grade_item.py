"""grade_item: one Item in, one Verdict out; the unit of work that executors run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from itertl_eval._util.testbench_files import content_digest, files_digest
from itertl_eval.errors import ItertlError
from itertl_eval.grader._cache import (
    grader_digest,
    key_of,
    single_flight,
    tool_versions,
    verdict_cache,
)
from itertl_eval.grader._item import Item, sample_seed
from itertl_eval.grader._job import Seconds, make_job
from itertl_eval.grader._limits import first_limit
from itertl_eval.grader._outcome import TIME_SIGNALS, Finding, Outcome, interpret
from itertl_eval.grader._reference import (
    known_limit,
    limit_of,
    runs_good_design,
    testbench_error,
)
from itertl_eval.grader.compile import Icarus, find_icarus
from itertl_eval.grader.extraction import Extraction, extract, extract_files
from itertl_eval.grader.harness import grade_by_harness, tool_versions_of
from itertl_eval.grader.simulation import written_for_cocotb1
from itertl_eval.grader.worker import pool
from itertl_eval.problem import Parameters
from itertl_eval.verdict import Stage, Status, Verdict, score_of

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


def grade_item(item: Item) -> Verdict:
    """Grade one item in this thread's worker. Its problem has a testbench (see `grade`)."""
    pool.begin()
    problem = item.problem
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
        blank = replace(blank, official=_official(item, icarus))
        if item.protocol == "official":
            return _as_published(blank, started)
    if found.code is None:
        return replace(blank, seconds=_since(started))
    if not item.cache:
        return _simulate(item, found, blank, icarus, started)[0]
    facts = problem.digest, blank.seed, item.partial, item.order, *item.most_ns.items()
    if problem.harness:
        facts = *facts, *tool_versions_of(problem.harness)
    key = key_of(found.code, *facts, icarus.name, tool_versions(), grader_digest())
    testbench = files_digest(problem.testbench, problem.files)
    with single_flight(key):
        known = verdict_cache().get(key)
        if known is not None and _unchanged(known.pop("depends", {})):
            return replace(blank, **known, cached=True)
        verdict, outcomes = _simulate(item, found, blank, icarus, started)
        # A limit may be hit or missed on another day, and a file may have changed meanwhile.
        if verdict.status != "infra_error" and all(
            not (outcome.timeout or outcome.signal or outcome.volatile)
            and outcome.testbench == testbench
            for outcome in outcomes
        ):
            depends = {path: digest for each in outcomes for path, digest in each.depends.items()}
            row = {name: getattr(verdict, name) for name in _CACHED}
            verdict_cache().put(key, row | {"depends": depends})
        return verdict


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


def _official(item: Item, icarus: Icarus) -> dict[str, Any]:
    """Return the published protocol's verdict: {"passed", "label"}, cached if it is known.

    What goes wrong with one completion is not raised, because it must not cost our verdict.
    """
    from itertl_eval.grader.published import official

    problem = item.problem
    own = [problem.digest] if problem.harness else []
    facts = problem.suite, problem.id, *own, item.completion, icarus.name, grader_digest()
    key = key_of("official", *facts)
    known = verdict_cache().get(key) if item.cache else None
    if known is None:
        try:
            known = dict(official(problem, item.completion, unsafe=pool.unsafe()))
        except ItertlError:  # the protocol can't be used here at all
            raise
        except Exception as error:
            known = {"passed": None, "label": f"not graded: {type(error).__name__}: {error}"}
        label = known["label"]
        # A time limit may be hit or missed on another day.
        lasting = known["passed"] is not None and "time" not in label.lower() and label != "T"
        if item.cache and lasting:
            verdict_cache().put(key, known)
    return known


def _published_stage(blank: Verdict) -> Stage:
    """Return the stage closest to a published label, for readers: no score counts it."""
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
    """Return a Verdict that holds the published protocol's result and nothing else."""
    assert blank.official is not None
    passed = blank.official["passed"]
    status: Status = "infra_error" if passed is None else "pass" if passed else "fail"
    return replace(
        blank,
        protocol="official",
        status=status,
        stage=_published_stage(blank),
        score=float(passed is True),
        message="" if passed else f"published protocol: {blank.official['label']}",
        seconds=_since(started),
    )


def _simulate(
    item: Item, found: Extraction, blank: Verdict, icarus: Icarus, started: float
) -> tuple[Verdict, list[Outcome]]:
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
        outcome = _run(item, blank, icarus, parameters)
        if outcome.pyverilog is not None:
            pyverilog = outcome.pyverilog
        outcome, finding = _judge_testbench(item, blank, icarus, parameters, outcome)
        outcomes.append(outcome)
        passed += sum(case.passed for case in outcome.cases)
        total += outcome.cases_total or 0
        if (
            finding.status == "fail"
            and outcome.inconclusive
            and not runs_good_design(problem, icarus)
        ):
            message = f"a good design does not run here either: {finding.message}"
            finding = finding._replace(status="infra_error", message=message)
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
    infra_error = finding.status == "infra_error"
    verdict = replace(
        blank,
        status=finding.status,
        stage=finding.stage,
        message=finding.message,
        cases_passed=passed,
        cases_total=total,
        score=0.0 if infra_error else score_of(finding.stage, passed, total),
        pyverilog=pyverilog,
        unsupported=unsupported,
        testbench_fault=testbench_fault,
        seconds=_since(started),
    )
    return verdict, outcomes


def _run(item: Item, blank: Verdict, icarus: Icarus, parameters: Parameters) -> Outcome:
    """Run the design once, or twice if it may need more time than the floor.

    The reference is timed only for such a design: with many problems and few completions for
    each, timing all references would be most of the work.
    """
    assert blank.code is not None
    problem, code = item.problem, blank.code

    def run(limit: Seconds) -> Outcome:
        job = make_job(
            problem,
            code,
            parameters,
            blank.seed,
            limit,
            partial=item.partial,
            order=item.order,
            most_ns=item.most_ns,
        )
        return pool.run(job, icarus)

    known = known_limit(problem, icarus)
    limit = known or first_limit(problem)
    outcome = run(limit)
    # By the signal too: the timer that sends it goes by ticks and may be ahead of the exact sum.
    spent = outcome.cpu > 0.9 * limit.simulation or outcome.signal in TIME_SIGNALS
    if spent and not outcome.finished and known is None:
        more = limit_of(problem, icarus)
        if more > limit:
            outcome = run(more)
    return outcome


def _judge_testbench(
    item: Item,
    blank: Verdict,
    icarus: Icarus,
    parameters: Parameters,
    outcome: Outcome,
) -> tuple[Outcome, Finding]:
    """Return what the outcome says, once it is clear whose fault an unexpected error is.

    A testbench may end in a TypeError because it is wrong, or because a design gives it a value
    that it can't handle. The reference decides: if it ends so too, the testbench is broken.
    """
    finding, case = interpret(outcome), outcome.first_failure
    if outcome.testbench_fault and outcome.stage == "simulate":
        # Some testbenches are imported beside the design, which can be what they stumble over.
        if testbench_error(item.problem, icarus) != "":
            return outcome, finding
        outcome.broken, outcome.testbench_fault = None, False
        message = f"only with this design, {finding.message}"
        return outcome, finding._replace(status="fail", message=message)
    if not outcome.finished or case is None or not case.unexpected:
        return outcome, finding
    error = testbench_error(item.problem, icarus)
    if error:
        outcome.broken = f"the testbench is broken; the reference, too, ends in {error}"
        outcome.testbench_fault = True
        return outcome, interpret(outcome)
    if error is None or not case.broken:
        return outcome, finding
    # The reference passes. Was it the design, or something that is over by now?
    outcome = _run(item, blank, icarus, parameters)
    finding, case = interpret(outcome), outcome.first_failure
    if case is not None and case.broken and outcome.finished:
        finding = finding._replace(status="fail")
    return outcome, finding
