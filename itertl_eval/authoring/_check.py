"""Check a problem: the reference passes, stubs fail, mutants are noticed, the spec is complete."""

from __future__ import annotations

import tempfile
from pathlib import Path

from itertl_eval.authoring._result import CheckResult
from itertl_eval.authoring._runs import MUTANT_RUNS, SEEDS, Progress, Run, Runner
from itertl_eval.authoring._specification import read_specification
from itertl_eval.authoring._stubs import stub_designs
from itertl_eval.authoring.mutate import Mutant, mutants
from itertl_eval.errors import UsageError
from itertl_eval.grader import BrokenTestbench, load_testbench, require_testbenches
from itertl_eval.problem import Problem

MIN_SCORE = 0.8
"""Share of mutants that a testbench must kill, unless the caller asks for another."""


def check(
    problem: Problem,
    *,
    limit: int = 40,
    min_score: float = MIN_SCORE,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> CheckResult:
    """Run a problem's testbench on its reference and, if that passes, on stubs and mutants.

    Args:
        problem: The problem to check.
        limit: Most mutants to try.
        min_score: Share of mutants that the testbench must kill.
        jobs: Number of workers; by default one per available CPU.
        progress: Called with each verdict.

    Raises:
        UsageError: The testbench can't be loaded; the message has file and line.
    """
    require_testbenches([problem])
    assert problem.testbench is not None
    _load(problem.testbench)
    result = CheckResult(problem.id)
    with tempfile.TemporaryDirectory(prefix="itertl-check-") as folder:
        run = Runner(problem, Path(folder), jobs, progress)
        result.shortcomings += _try_reference(run, result)
        if result.reference_passes:
            result.shortcomings += _try_others(run, result, limit)
    if result.reference_passes and result.mutation_score < min_score:
        result.shortcomings.append(
            f"{len(result.survivors)} of {result.mutants} mutants survive "
            f"(score {result.mutation_score:.2f}, required {min_score:.2f})"
        )
    result.shortcomings += read_specification(problem, result)
    return result


def _load(path: Path) -> None:
    """Import a testbench in this process, where its mistakes can be reported at once."""
    try:
        load_testbench(path)
    except BrokenTestbench as error:
        raise UsageError(str(error)) from None


def _try_reference(run: Runner, result: CheckResult) -> list[str]:
    runs = {Run("reference", seed): run.problem.reference for seed in SEEDS}
    runs[Run("reference", SEEDS[0], "reversed")] = run.problem.reference
    found, broken = run(runs)
    result.seconds = max(verdict.seconds for verdict in found.values())
    failing: dict[str, list[int]] = {}
    for (_, seed, order), verdict in found.items():
        result.reference[seed if order == "written" else order] = verdict.message or "pass"
        if order == "written" and not verdict.passed:
            failing.setdefault(verdict.message, []).append(seed)
    if not broken and not failing and (message := result.reference["reversed"]) != "pass":
        return [f"the reference fails with its test cases in reverse order: {message}"]
    return broken or [
        "the reference fails"
        + (f" with seed {', '.join(map(str, seeds))}" if len(seeds) < len(SEEDS) else "")
        + f": {message}"
        for message, seeds in failing.items()
    ]


def _try_others(run: Runner, result: CheckResult, limit: int) -> list[str]:
    problem = run.problem
    changed = mutants(problem.reference, problem.top, limit=limit)
    stubs = stub_designs(problem)
    runs = {Run(f"stub {name}", SEEDS[0]): text for name, text in stubs.items()}
    for number, mutant in enumerate(changed):
        for seed, order in MUTANT_RUNS:
            runs[Run(f"mutant {number}", seed, order)] = mutant.source
    found, broken = run(runs)
    result.stubs_passing = [name for name in stubs if found[Run(f"stub {name}", SEEDS[0])].passed]
    wrongly_listed = []
    for number, mutant in enumerate(changed):
        first, other_seed, other_order = (
            found[Run(f"mutant {number}", seed, order)].passed for seed, order in MUTANT_RUNS
        )
        if first != other_seed:
            result.seed_dependent.append(_place(mutant))
        if first != other_order:
            result.order_dependent.append(_place(mutant))
        facts = {"what": mutant.description, "line": mutant.line, "diff": mutant.diff}
        reason = _listed(problem, mutant)
        if not (first and other_seed):
            result.killed += 1
            wrongly_listed += [_place(mutant)] if reason else []
        elif reason:
            result.equivalent.append({**facts, "reason": reason})
        else:
            result.survivors.append(facts)
    result.mutants = result.killed + len(result.survivors)
    return [
        *broken,
        *(f"a stub passes: {name}" for name in result.stubs_passing),
        *(f"listed as equivalent, but noticed: {place}" for place in wrongly_listed),
    ]


def _listed(problem: Problem, mutant: Mutant) -> str:
    """Why the problem lists a mutant as equivalent: by its changed line, or `old -> new`."""
    lines = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
    old, new = ("\n".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
    return problem.equivalent.get(new) or problem.equivalent.get(f"{old} -> {new}") or ""


def _place(mutant: Mutant) -> str:
    return f"line {mutant.line}: {mutant.description}"
