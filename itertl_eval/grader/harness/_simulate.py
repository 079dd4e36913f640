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
_PASS = Finding("pass", "pass", "")


@dataclass
class _Run:
    """A design on its way through a harness.

    Attributes:
        item: The completion.
        harness: Its problem's harness.
        written: The files of the completion, by path.
        seed: The seed of the simulations.
        icarus: Compiler and simulator.
        finding: What decides so far.
        outcomes: What became of each simulation.
        checked: Counts the services that have graded by a tool.
        accepted: Counts those that the design has passed.
    """

    item: Item
    harness: Harness
    written: Mapping[str, str]
    seed: int
    icarus: Icarus
    finding: Finding = _PASS
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

    def start(self) -> None:
        """Run the services of the harness until one does not pass."""
        try:
            self._run_all()
        except HarnessError as error:
            self.testbench_fault = True
            self.finding = Finding("infra_error", "simulate", str(error))
        except OSError as error:
            message = f"the harness could not be run: {error}"
            self.finding = Finding("infra_error", "simulate", message)

    def _run_all(self) -> None:
        """Run the simulations, then the tools. Raises HarnessError and OSError."""
        simulations = simulations_of(self.item.problem, unsafe=sandbox.unsafe())
        for simulation in simulations:
            self.finding = self._one(simulation)
            if self.finding.status != "pass":
                if len(simulations) > 1 and (message := self.finding.message):
                    self.finding = self.finding._replace(message=f"with {simulation}: {message}")
                return
        for service in self.harness.services:
            if service.tool and self.finding.status == "pass":
                self.checked += 1
                if service.tool == "verilator":
                    self.finding = self._linted(service)
                else:
                    self.finding = self._synthesized(service, simulations)
                self.accepted += self.finding.status == "pass"

    def _linted(self, service: Service) -> Finding:
        """Return what Verilator says of a design that has passed its simulations."""
        found = lint(self.harness, service, self.written, unsafe=sandbox.unsafe())
        if found.lost:
            self.outcomes.append(Outcome(timeout=True))  # so that the verdict is not kept
        if not found.fault:
            return self.finding
        return Finding("fail", "simulate", f"service {service.name}: {found.fault}")

    def _synthesized(self, service: Service, simulations: Sequence[Simulation]) -> Finding:
        """Return what Yosys says of a design that has passed its simulations.

        The design has to pass them as Yosys reads it, too: otherwise one that hides its logic from
        Yosys (`ifdef SYNTHESIS, black boxes) would be the smallest. That is asked only where it
        holds for the row's own files.
        """
        harness = self.harness
        unsafe, settings = sandbox.unsafe(), settings_of(simulations)
        base = baseline_of(harness, service, settings, unsafe=unsafe)
        if base.fault and (base.lost or "ERROR" not in service.environment):
            raise HarnessError(f"the row's own files: {base.fault}")
        found = synthesize(harness, service, self.written, settings, unsafe=unsafe)
        if found.lost:  # the machine's fault, unless it happens again
            found = synthesize(harness, service, self.written, settings, unsafe=unsafe)
        if found.fault and not base.fault:
            now = synthesize(harness, service, {}, settings, unsafe=unsafe)
            if now.fault:
                raise OSError(f"the row's own files fail now, too: {now.fault}")
        reason = found.fault or refusal(harness, service, found.counts, base, unsafe)
        if found.lost:
            self.outcomes.append(Outcome(timeout=True))  # so that the verdict is not kept
        if not reason:
            again = self._as_yosys_reads(simulations, base, found)
            if again.status == "infra_error":
                return again
            reason = again.message
        if not reason:
            return self.finding
        counts = [
            f"{found.counts[kind]} {kind} ({base.counts.get(kind, '?')} before)"
            for kind in ("wires", "cells")
            if kind in found.counts
        ]
        return Finding("fail", "simulate", ": ".join([f"service {service.name}", *counts, reason]))

    def _as_yosys_reads(
        self, simulations: Sequence[Simulation], base: Synthesized, found: Synthesized
    ) -> Finding:
        """Return what the simulations say of a design as Yosys reads it; `base` is the row's own.

        A simulation that the row's own files fail in this form says nothing.
        """
        settings = settings_of(simulations)
        for simulation in simulations:
            if simulation.parameters not in settings or not base.netlists:
                continue
            number = settings.index(simulation.parameters)
            path = simulation.sources[0]
            alone = replace(simulation, sources=(path,))
            before, after = base.netlists[number], found.netlists[number]
            trial = self._with({path: after})
            finding = trial._one(alone) if after else Finding("fail", "elaborate", found.unread)
            if finding.status == "fail":
                known = self._with({path: before})._one(alone) if before else None
                if known is None or known.status == "fail":
                    continue
                if known.status == "infra_error":
                    finding = known
                else:
                    reason = f"as Yosys reads it, the design fails: {finding.message}"
                    finding = finding._replace(message=reason)
            self.outcomes += trial.outcomes
            if finding.status != "pass":
                return finding
        return _PASS

    def _with(self, written: Mapping[str, str]) -> _Run:
        """Return a run of other files that has not begun."""
        return _Run(self.item, self.harness, written, self.seed, self.icarus)

    def _one(self, simulation: Simulation) -> Finding:
        """Run one simulation, note its outcome and return what it says of the design."""
        try:
            text = text_of(self.harness, simulation, self.written)
        except MissingFile as missing:
            if missing.asked:
                return Finding("fail", "extract", f"the completion has no {missing}")
            return Finding(
                "infra_error", "elaborate", f"the harness compiles {missing}, which it lacks"
            )
        outcome = pool.run(self._job(text), self.icarus)
        self.outcomes.append(outcome)
        finding, case = interpret(outcome), outcome.first_failure
        self.unsupported = finding.status == "fail" and (outcome.unsupported or outcome.aborted)
        self.testbench_fault = finding.status == "infra_error" and outcome.testbench_fault
        outdated = case is not None and case.unexpected and _OUTDATED.search(case.message)
        broken = finding.status == "infra_error" and written_for_cocotb1(finding.message)
        if broken or outdated:
            self.testbench_fault, self.unsupported = True, False
            message = f"{finding.message} (the harness needs cocotb 1, and this is not emulated)"
            return Finding("infra_error", finding.stage, message)
        if finding.stage == "simulate":
            return finding
        return finding._replace(message=text.located(finding.message))

    def _job(self, text: Text) -> Job:
        item, simulation, limits = self.item, text.simulation, self.item.problem.limits
        return Job(
            source=text.source,
            frame=Frame(
                top=simulation.top,
                testbench=str(self.harness.folder / simulation.module),
                files=(str(self.harness.folder),),
                environment=simulation.environment,
                given=text.given,
            ),
            seed=self.seed if simulation.seed is None else simulation.seed,
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
    assert item.problem.harness is not None
    run = _Run(item, item.problem.harness, written, blank.seed, icarus)
    run.start()
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
