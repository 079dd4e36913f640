"""Prove that surviving mutants change nothing, or find the inputs that show what they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.authoring.soundness._mutants import Key
from itertl_eval.formal import Equivalence, prove_equivalent
from itertl_eval.grader import default_jobs
from itertl_eval.problem import Problem

Alive = Mapping[Key, Sequence[tuple[int, Mutant]]]
"""For each surviving mutant its setting of the parameters, by number, and its text there."""


def prove_all(
    problem: Problem,
    alive: Alive,
    *,
    seconds: int,
    jobs: int | None,
    done: Callable[[], object],
) -> dict[Key, Equivalence]:
    """Return what is known of each mutant under all its settings.

    Args:
        problem: The problem whose reference was changed.
        alive: The mutants.
        seconds: How long to look for each proof.
        jobs: How many at a time; default: one per CPU that this process may use.
        done: Called after each mutant.
    """

    def one(key: Key) -> Equivalence:
        found = [_prove(problem, setting, mutant, seconds) for setting, mutant in alive[key]]
        done()
        worst = ("refuted", "unknown", "proved")
        return min(found, key=lambda each: worst.index(each.outcome))

    with ThreadPoolExecutor(jobs or default_jobs()) as threads:
        return dict(zip(alive, threads.map(one, alive), strict=True))


def _prove(problem: Problem, setting: int, mutant: Mutant, seconds: int) -> Equivalence:
    here = replace(problem, reference=mutant.original, parameters=(problem.parameters[setting],))
    return prove_equivalent(here, mutant.source, seconds=seconds)
