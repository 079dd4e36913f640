"""Check a problem: the reference passes, stubs fail, mutants are noticed, the spec is complete."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.authoring.soundness._mutants import (
    Choice,
    Key,
    SameCode,
    choose,
    facts_of,
    key_of,
    listed_reason,
    place_of,
)
from itertl_eval.authoring.soundness._outputs import OutputMap
from itertl_eval.authoring.soundness._result import CheckResult, Row, low_scores
from itertl_eval.authoring.soundness._runs import (
    SEEDS,
    MutantRuns,
    Progress,
    Run,
    Runner,
    hangs,
    outcome_of,
)
from itertl_eval.authoring.soundness._specification import read_specification
from itertl_eval.authoring.soundness._stubs import stub_designs
from itertl_eval.authoring.soundness._variants import deaf, renamed
from itertl_eval.errors import UsageError
from itertl_eval.formal import SECONDS, Equivalence, available
from itertl_eval.grader import require_testbenches, try_testbench
from itertl_eval.problem import Problem
from itertl_eval.verdict import Verdict

MIN_SCORE = 0.8
"""Share of mutants that a testbench must kill, unless the caller asks for another."""
_LINE = re.compile(r"(with [^:]*: )?line (\d+):")


def check(
    problem: Problem,
    *,
    limit: int = 40,
    min_score: float = MIN_SCORE,
    jobs: int | None = None,
    progress: Progress | None = None,
    proof_seconds: int = SECONDS,
) -> CheckResult:
    """Run a problem's testbench on its reference and, if that passes, on stubs and mutants.

    A KeyboardInterrupt ends the runs; the result then holds what is known.

    Args:
        problem: The problem to check.
        limit: Most mutants to try.
        min_score: Share of mutants that the testbench must kill.
        jobs: Number of workers; by default one per available CPU.
        progress: Called after each run with the number of runs done and of all runs.
        proof_seconds: How long to look for a proof that a surviving mutant changes nothing;
            0 for not at all. Without the extra `formal` none is looked for.

    Raises:
        UsageError: The testbench can't be loaded; the message has file and line.
    """
    require_testbenches([problem])
    result = CheckResult(problem.id)
    trial = try_testbench(problem)
    if trial.broken:
        raise UsageError(trial.broken)
    result.loading = trial.late
    run = Runner(problem, jobs, progress, proof_seconds if available() else 0)
    designs = _Designs(problem, limit)
    run.total = len(designs.reference) + len(designs.runs)
    result.shortcomings += _try_reference(run, designs, result)
    if result.reference_passes:
        run.set_budget(trial.cpu, trial.took)
        result.shortcomings += _try_others(run, designs, result)
    result.ungraded = run.ungraded
    if run.interrupted:
        result.interrupted = True
        result.shortcomings.append(f"interrupted after {run.done} of {run.total} runs")
    if result.reference_passes:
        result.shortcomings += low_scores(result, min_score)
    result.shortcomings += read_specification(problem, result)
    return result


class _Designs:
    """The designs that a testbench is tried on, and the runs of each."""

    def __init__(self, problem: Problem, limit: int) -> None:
        self.choice: Choice = choose(problem, limit)
        self.stubs = stub_designs(problem)
        self.deaf = deaf(problem)
        self.renamed = renamed(problem)
        self.reference = {Run("reference", seed): problem.reference for seed in SEEDS}
        self.reference[Run("reference", order="reversed")] = problem.reference
        self.runs: dict[Run, str] = {}
        self.mutants: dict[MutantRuns, str] = {}
        if self.renamed is not None:
            self.runs[Run("renamed")] = self.renamed
        self.runs |= {Run(f"stub {name}"): text for name, text in self.stubs.items()}
        for name, texts in self.deaf.items():
            for number, text in enumerate(texts):
                self.runs |= dict.fromkeys(deaf_runs(name, number), text)
        for setting, chosen in enumerate(self.choice.mutants):
            for number, mutant in enumerate(chosen):
                runs = MutantRuns.of(number, setting)
                self.runs |= dict.fromkeys((runs.first, runs.other), mutant.source)
                self.mutants[runs] = mutant.source


def deaf_runs(parameter: str, number: int) -> list[Run]:
    """Return the runs of a design that ignores a parameter."""
    return [Run(f"deaf {parameter} {number}", seed) for seed in SEEDS[:2]]


def _try_reference(run: Runner, designs: _Designs, result: CheckResult) -> list[str]:
    found, broken = run(designs.reference)
    result.seconds = max((verdict.seconds for verdict in found.values()), default=0.0)
    failing: dict[str, list[int]] = {}
    for (_, seed, order, _), verdict in found.items():
        message = in_reference(run.problem, verdict)
        result.reference[seed if order == "written" else order] = message or "pass"
        if order == "written" and not verdict.passed:
            failing.setdefault(message, []).append(seed)
    message = result.reference.get("reversed", "pass")
    if not broken and not failing and message != "pass":
        return [f"the reference fails with its test cases in reverse order: {message}"]
    return broken or [
        "the reference fails"
        + (f" with seed {', '.join(map(str, seeds))}" if len(seeds) < len(SEEDS) else "")
        + f": {message}"
        for message, seeds in failing.items()
    ]


def in_reference(problem: Problem, verdict: Verdict) -> str:
    """Return the message of a verdict on the reference, with the reference's own file and line."""
    found = _LINE.match(verdict.message)
    if found is None:
        return verdict.message
    before, _, _ = problem.reference.partition(verdict.code or problem.reference)
    line = int(found[2]) + before.count("\n")
    return f"{found[1] or ''}{problem.place(line)}:{verdict.message[found.end() :]}"


def _try_others(run: Runner, designs: _Designs, result: CheckResult) -> list[str]:
    found, shortcomings = _run_all(run, designs)
    if (verdict := found.get(Run("renamed"))) is not None:
        result.renamed = verdict.message or "pass"
        if not verdict.passed:
            shortcomings.append(
                "the reference with other internal names fails, so the testbench looks inside the "
                f"design: {verdict.message}"
            )
    stubs = {n: found[each] for n in designs.stubs if (each := Run(f"stub {n}")) in found}
    result.stubs_tried = len(stubs)
    result.stubs_passing = [name for name, verdict in stubs.items() if verdict.passed]
    shortcomings += [f"a stub passes: {name}" for name in result.stubs_passing]
    for name, texts in designs.deaf.items():
        result.ignored_parameters[name] = "not tried"
        for number in range(len(texts)):
            verdicts = [found[each] for each in deaf_runs(name, number) if each in found]
            if not verdicts or any(v.stage not in ("simulate", "pass") for v in verdicts):
                continue  # the rewritten design does not compile
            passes = all(verdict.passed for verdict in verdicts)
            if result.ignored_parameters[name] != "passes":
                result.ignored_parameters[name] = "passes" if passes else "noticed"
    shortcomings += [
        f"a design that ignores parameter {name} passes"
        for name, outcome in result.ignored_parameters.items()
        if outcome == "passes"
    ]
    return shortcomings + _count_mutants(run, designs.choice, found, result)


def _run_all(run: Runner, designs: _Designs) -> tuple[dict[Run, Verdict], list[str]]:
    """Run all designs but the reference, mutants as often as it takes to know their outcome."""
    later = {runs.other: text for runs, text in designs.mutants.items()}
    found, shortcomings = run({e: text for e, text in designs.runs.items() if e not in later})
    left = {
        runs.other: text
        for runs, text in designs.mutants.items()
        if (verdict := found.get(runs.first)) is not None and not hangs(verdict)
    }
    run.total -= len(later) - len(left)
    others, more = run(left)
    found |= others
    unclear = {
        runs.between: text
        for runs, text in designs.mutants.items()
        if runs.other in found and outcome_of(runs, found) is None
    }
    run.total += len(unclear)
    last, most = run(unclear)
    return found | last, shortcomings + more + most


def _count_mutants(
    run: Runner, choice: Choice, found: Mapping[Run, Verdict], result: CheckResult
) -> list[str]:
    """Record what became of the mutants; return those that are wrongly listed as equivalent."""
    problem = run.problem
    result.unelaborated = choice.unelaborated
    same_code, outputs = SameCode(problem), OutputMap(problem)
    outcomes: dict[Key, list[bool]] = {}
    mutants: dict[Key, Mutant] = {}
    alive: dict[Key, list[tuple[int, Mutant]]] = {}
    rows = [Row(parameters) for parameters in problem.parameters]
    for setting, chosen in enumerate(choice.mutants):
        for number, mutant in enumerate(chosen):
            outcome = outcome_of(MutantRuns.of(number, setting), found)
            if outcome is None:
                continue  # interrupted
            mutants.setdefault(key_of(mutant), mutant)
            kills = outcomes.setdefault(key_of(mutant), [])
            place, killed = place_of(problem, mutant), outcome.killed
            _add(result.seed_dependent, place, outcome.seed_dependent)
            _add(result.order_dependent, place, outcome.order_dependent)
            _add(result.hanging, place, outcome.hangs)
            if killed or not same_code(mutant, setting):
                kills.append(killed)
                if killed or not listed_reason(problem, mutant):
                    rows[setting].add(place, killed)
                    alive.setdefault(key_of(mutant), []).append((setting, mutant))
    left = {key: each for key, each in alive.items() if not any(outcomes[key])}
    proofs = run.prove(left)
    for key in (key for key, proof in proofs.items() if proof.outcome == "proved"):
        for setting, mutant in left[key]:
            rows[setting].forget(place_of(problem, mutant))
    result.settings = [row.as_dict() for row in rows] if len(rows) > 1 else []
    wrongly_listed = []
    for key, kills in outcomes.items():
        mutant, reason = mutants[key], listed_reason(problem, mutants[key])
        if not kills:
            result.same_code.append(place_of(problem, mutant))
        elif any(kills):
            result.killed += 1
            _count(result, outputs.nearest(mutant), killed=True)
            wrongly_listed += [place_of(problem, mutant)] if reason else []
        elif reason:
            result.equivalent.append({**facts_of(problem, mutant), "reason": reason})
        elif (proof := proofs.get(key, _NO_PROOF)).outcome == "proved":
            result.proved.append(facts_of(problem, mutant))
        else:
            reached = list(outputs.nearest(mutant))
            _count(result, reached, killed=False)
            facts = {"outputs": reached, "unknown": proof.reason}
            if proof.counterexample is not None:
                facts["counterexample"] = str(proof.counterexample)
            result.survivors.append(facts_of(problem, mutant) | facts)
    result.mutants = result.killed + len(result.survivors)
    return [f"listed as equivalent, but noticed: {place}" for place in wrongly_listed]


_NO_PROOF = Equivalence("unknown")


def _count(result: CheckResult, outputs: Iterable[str], *, killed: bool) -> None:
    for name in outputs:
        row = result.outputs.setdefault(name, {"mutants": 0, "killed": 0})
        row["mutants"] += 1
        row["killed"] += killed


def _add(places: list[str], place: str, holds: bool) -> None:
    if holds and place not in places:
        places.append(place)
