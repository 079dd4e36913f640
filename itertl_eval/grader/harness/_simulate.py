"""Grade a design by a published cocotb harness: every simulation, every test."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from itertl_eval._util.verilator import find_verilator
from itertl_eval.grader._item import Item
from itertl_eval.grader._job import Frame, Job
from itertl_eval.grader._outcome import Finding, Outcome, interpret
from itertl_eval.grader._reference import blame_machine
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.harness._lint import lint
from itertl_eval.grader.harness._plan import HarnessError, simulations_of
from itertl_eval.grader.harness._synthesis import (
    Synthesized,
    baseline_of,
    refusal,
    settings_of,
    synthesize,
    yosys_version,
)
from itertl_eval.grader.harness._texts import MissingFile, Text, text_of
from itertl_eval.grader.isolation import sandbox
from itertl_eval.grader.simulation import written_for_cocotb1
from itertl_eval.grader.worker import pool
from itertl_eval.harness import Harness, Service, Simulation
from itertl_eval.verdict import Verdict

_OUTDATED = re.compile(
    r"module 'cocotb\S*' has no attribute|No module named 'cocotb|cannot import name '\w+' from"
    r" 'cocotb|unexpected keyword argument 'units'"
)
"""Errors of a test that no design can cause."""


@dataclass
class _Run:
    """What became of a design: the finding that decides, and the outcome of each simulation.

    `checked` counts the services that have graded by a tool, `accepted` those that it has passed.
    """

    finding: Finding = field(default_factory=lambda: Finding("pass", "pass", ""))
    outcomes: list[Outcome] = field(default_factory=list)
    unsupported: bool = False
    testbench_fault: bool = False
    checked: int = 0
    accepted: int = 0

    @property
    def passed(self) -> int:
        """The number of test cases that have passed."""
        cases = sum(case.passed for outcome in self.outcomes for case in outcome.cases)
        return cases + self.accepted

    @property
    def total(self) -> int:
        """The number of test cases of the simulations that were started."""
        cases = sum(outcome.cases_total or 0 for outcome in self.outcomes)
        return cases + self.checked


def tool_versions_of(harness: Harness) -> tuple[str, ...]:
    """Return the versions of the tools that a harness grades by besides the simulator."""
    verilator = find_verilator()
    versions = {"yosys": yosys_version(), "verilator": verilator.version if verilator else ""}
    return tuple(versions[service.tool] for service in harness.services if service.tool)


def grade_by_harness(
    item: Item, written: Mapping[str, str], blank: Verdict, icarus: Icarus
) -> tuple[Verdict, list[Outcome]]:
    """Return the verdict on a completion, and the outcome of each simulation.

    Args:
        item: The completion; its problem has a harness.
        written: The files of the completion, by path.
        blank: The verdict as far as it is known.
        icarus: Compiler and simulator.
    """
    run = _run(item, written, blank.seed, icarus)
    finding, outcomes = run.finding, run.outcomes
    if finding.status == "fail" and outcomes and outcomes[-1].inconclusive:
        finding = blame_machine(finding, item.problem, icarus)
    verdict = replace(
        blank,
        **finding._asdict(),
        cases_passed=run.passed,
        cases_total=run.total,
        score=finding.score(run.passed, run.total),
        pyverilog=next((o.pyverilog for o in outcomes if o.pyverilog is not None), None),
        unsupported=run.unsupported,
        testbench_fault=run.testbench_fault,
    )
    return verdict, outcomes


def _run(item: Item, written: Mapping[str, str], seed: int, icarus: Icarus) -> _Run:
    """Run the services of a problem's harness until one does not pass."""
    run = _Run()
    try:
        _run_all(run, item, written, seed, icarus)
    except HarnessError as error:
        run.finding, run.testbench_fault = Finding("infra_error", "simulate", str(error)), True
    except OSError as error:
        message = f"the harness could not be run: {error}"
        run.finding = Finding("infra_error", "simulate", message)
    return run


def _run_all(run: _Run, item: Item, written: Mapping[str, str], seed: int, icarus: Icarus) -> None:
    """Run the simulations, then the tools. Raises HarnessError and OSError."""
    simulations = simulations_of(item.problem, unsafe=sandbox.unsafe())
    for simulation in simulations:
        run.finding = _one(run, item, simulation, written, seed, icarus)
        if run.finding.status != "pass":
            where = f"with {simulation}: " if len(simulations) > 1 and run.finding.message else ""
            run.finding = run.finding._replace(message=f"{where}{run.finding.message}")
            return
    assert item.problem.harness is not None
    for service in item.problem.harness.services:
        if service.tool and run.finding.status == "pass":
            run.checked += 1
            if service.tool == "verilator":
                run.finding = _linted(run, item, service, written)
            else:
                run.finding = _synthesized(run, item, service, simulations, written, seed, icarus)
            run.accepted += run.finding.status == "pass"


def _linted(run: _Run, item: Item, service: Service, written: Mapping[str, str]) -> Finding:
    """Return what Verilator says of a design that has passed its simulations."""
    assert item.problem.harness is not None
    found = lint(item.problem.harness, service, written, unsafe=sandbox.unsafe())
    if found.lost:
        run.outcomes.append(Outcome(timeout=True))  # so that the verdict is not kept
    if not found.fault:
        return run.finding
    return Finding("fail", "simulate", f"service {service.name}: {found.fault}")


def _synthesized(
    run: _Run,
    item: Item,
    service: Service,
    simulations: Sequence[Simulation],
    written: Mapping[str, str],
    seed: int,
    icarus: Icarus,
) -> Finding:
    """Return what Yosys says of a design that has passed its simulations.

    The design has to pass them as Yosys reads it, too: otherwise one that hides its logic from
    Yosys (`ifdef SYNTHESIS, black boxes) would be the smallest. That is asked only where it holds
    for the row's own files.
    """
    harness = item.problem.harness
    assert harness is not None
    unsafe, settings = sandbox.unsafe(), settings_of(simulations)
    base = baseline_of(harness, service, settings, unsafe=unsafe)
    if base.fault and (base.lost or "ERROR" not in service.environment):
        raise HarnessError(f"the row's own files: {base.fault}")
    found = synthesize(harness, service, written, settings, unsafe=unsafe)
    if found.lost:  # the machine's fault, unless it happens again
        found = synthesize(harness, service, written, settings, unsafe=unsafe)
    if found.fault and not base.fault:
        now = synthesize(harness, service, {}, settings, unsafe=unsafe)
        if now.fault:
            raise OSError(f"the row's own files fail now, too: {now.fault}")
    reason = found.fault or refusal(harness, service, found.counts, base, unsafe)
    if found.lost:
        run.outcomes.append(Outcome(timeout=True))  # so that the verdict is not kept
    if not reason:
        again = _as_yosys_reads(run, item, simulations, (base, found), seed, icarus)
        if again.status == "infra_error":
            return again
        reason = again.message
    if not reason:
        return run.finding
    counts = [
        f"{found.counts[kind]} {kind} ({base.counts.get(kind, '?')} before)"
        for kind in ("wires", "cells")
        if kind in found.counts
    ]
    return Finding("fail", "simulate", ": ".join([f"service {service.name}", *counts, reason]))


def _as_yosys_reads(
    run: _Run,
    item: Item,
    simulations: Sequence[Simulation],
    netlists: tuple[Synthesized, Synthesized],
    seed: int,
    icarus: Icarus,
) -> Finding:
    """Return what the simulations say of a design as Yosys reads it; `netlists` are before, after.

    A simulation that the row's own files fail in this form says nothing.
    """
    settings, (base, found) = settings_of(simulations), netlists
    for simulation in simulations:
        if simulation.parameters not in settings or not base.netlists:
            continue
        number = settings.index(simulation.parameters)
        path = simulation.sources[0]
        alone = replace(simulation, sources=(path,))
        trial, before = _Run(), base.netlists[number]
        finding = Finding("fail", "elaborate", found.unread)
        if found.netlists[number]:
            finding = _one(trial, item, alone, {path: found.netlists[number]}, seed, icarus)
        if finding.status == "fail":
            known = Finding("fail", "elaborate", "")
            if before:
                known = _one(_Run(), item, alone, {path: before}, seed, icarus)
            if known.status == "fail":
                continue
            reason = f"as Yosys reads it, the design fails: {finding.message}"
            finding = known if known.status == "infra_error" else finding._replace(message=reason)
        run.outcomes += trial.outcomes
        if finding.status != "pass":
            return finding
    return Finding("pass", "pass", "")


def _one(
    run: _Run,
    item: Item,
    simulation: Simulation,
    written: Mapping[str, str],
    seed: int,
    icarus: Icarus,
) -> Finding:
    """Run one simulation, note its outcome and return what it says of the design."""
    assert item.problem.harness is not None
    try:
        text = text_of(item.problem.harness, simulation, written)
    except MissingFile as missing:
        if missing.asked:
            return Finding("fail", "extract", f"the completion has no {missing}")
        return Finding(
            "infra_error", "elaborate", f"the harness compiles {missing}, which it lacks"
        )
    outcome = pool.run(_job(item, text, seed), icarus)
    run.outcomes.append(outcome)
    finding, case = interpret(outcome), outcome.first_failure
    run.unsupported = finding.status == "fail" and (outcome.unsupported or outcome.aborted)
    run.testbench_fault = finding.status == "infra_error" and outcome.testbench_fault
    outdated = case is not None and case.unexpected and _OUTDATED.search(case.message)
    broken = finding.status == "infra_error" and written_for_cocotb1(finding.message)
    if broken or outdated:
        run.testbench_fault, run.unsupported = True, False
        message = f"{finding.message} (the harness needs cocotb 1, and this is not emulated)"
        return Finding("infra_error", finding.stage, message)
    if finding.stage == "simulate":
        return finding
    return finding._replace(message=text.located(finding.message))


def _job(item: Item, text: Text, seed: int) -> Job:
    problem, simulation = item.problem, text.simulation
    assert problem.harness is not None
    limits = problem.limits
    return Job(
        source=text.source,
        frame=Frame(
            top=simulation.top,
            testbench=str(problem.harness.folder / simulation.module),
            files=(str(problem.harness.folder),),
            environment=simulation.environment,
            given=text.given,
        ),
        seed=seed if simulation.seed is None else simulation.seed,
        nonce=os.urandom(8).hex(),
        wall=limits.wall,
        cpu=limits.cpu,
        simulation=limits.cpu,
        memory=limits.memory,
        file=limits.file,
        partial=item.partial,
        order=item.order,
        most_ns=item.most_ns,
        data=text.data,
        asked=simulation,
    )
