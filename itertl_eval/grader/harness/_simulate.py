"""Grade a design by a published cocotb harness: every simulation, every test."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from itertl_eval.grader._item import Item
from itertl_eval.grader._job import Job
from itertl_eval.grader._outcome import Finding, Outcome, interpret
from itertl_eval.grader._reference import runs_good_design
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.harness._plan import HarnessError, simulations_of
from itertl_eval.grader.harness._texts import MissingFile, Text, text_of
from itertl_eval.grader.simulation import written_for_cocotb1
from itertl_eval.grader.worker import pool
from itertl_eval.harness import Simulation
from itertl_eval.verdict import Verdict, score_of

_OUTDATED = re.compile(
    r"module 'cocotb\S*' has no attribute|No module named 'cocotb|cannot import name '\w+' from"
    r" 'cocotb|unexpected keyword argument 'units'"
)
"""Errors of a test that no design can cause."""


@dataclass
class _Run:
    """What became of a design: the finding that decides, and the outcome of each simulation."""

    finding: Finding = field(default_factory=lambda: Finding("pass", "pass", ""))
    outcomes: list[Outcome] = field(default_factory=list)
    unsupported: bool = False
    testbench_fault: bool = False

    @property
    def passed(self) -> int:
        """The number of test cases that have passed."""
        return sum(case.passed for outcome in self.outcomes for case in outcome.cases)

    @property
    def total(self) -> int:
        """The number of test cases of the simulations that were started."""
        return sum(outcome.cases_total or 0 for outcome in self.outcomes)


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
    doubtful = finding.status == "fail" and bool(outcomes) and outcomes[-1].inconclusive
    if doubtful and not runs_good_design(item.problem, icarus):
        message = f"a good design does not run here either: {finding.message}"
        finding = finding._replace(status="infra_error", message=message)
    graded = finding.status != "infra_error"
    verdict = replace(
        blank,
        status=finding.status,
        stage=finding.stage,
        message=finding.message,
        cases_passed=run.passed,
        cases_total=run.total,
        score=score_of(finding.stage, run.passed, run.total) if graded else 0.0,
        pyverilog=next((o.pyverilog for o in outcomes if o.pyverilog is not None), None),
        unsupported=run.unsupported,
        testbench_fault=run.testbench_fault,
    )
    return verdict, outcomes


def _run(item: Item, written: Mapping[str, str], seed: int, icarus: Icarus) -> _Run:
    """Run the simulations of a problem's harness until one does not pass."""
    run = _Run()
    try:
        simulations = simulations_of(item.problem, unsafe=pool.unsafe())
    except HarnessError as error:
        run.finding, run.testbench_fault = Finding("infra_error", "simulate", str(error)), True
        return run
    except OSError as error:
        run.finding = Finding("infra_error", "simulate", f"the harness could not be read: {error}")
        return run
    for simulation in simulations:
        run.finding = _one(run, item, simulation, written, seed, icarus)
        if run.finding.status != "pass":
            where = f"with {simulation}: " if len(simulations) > 1 and run.finding.message else ""
            run.finding = run.finding._replace(message=f"{where}{run.finding.message}")
            break
    return run


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
        top=simulation.top,
        ports=(),
        parameters={},
        testbench=str(problem.harness.folder / simulation.module),
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
        files=(str(problem.harness.folder),),
        environment=simulation.environment,
        data=text.data,
        given=text.given,
        asked=simulation,
    )
