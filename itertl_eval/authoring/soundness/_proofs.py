"""Prove that surviving mutants change nothing, or find the inputs that show what they change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import ceil

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.authoring.soundness._mutants import Key
from itertl_eval.formal import Equivalence, prove_equivalent
from itertl_eval.grader import default_jobs
from itertl_eval.problem import Problem

_FIRST = 10
"""Each proof is tried for this part of its time first: a hard one must not use up all of it."""
_ALL = 3
"""Time for the proofs of a problem together: times that of one."""
_TIME_IS_UP = Equivalence("unknown", "no time left for a proof", late=True)
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

    Easy proofs come first. When three times `seconds` are over the other mutants stay unknown.

    Args:
        problem: The problem whose reference was changed.
        alive: The mutants.
        seconds: How long to look for each proof, in wall time.
        jobs: How many at a time; default: one per CPU that this process may use.
        done: Called after each mutant.
    """
    end = time.monotonic() + _ALL * seconds
    limits = sorted({max(1, seconds // _FIRST), seconds})
    found = dict.fromkeys(alive, _TIME_IS_UP)

    def one(key: Key, limit: int) -> None:
        left = min(limit, ceil((end - time.monotonic()) / _ALL))
        if left > 0:
            each = [_prove(problem, setting, mutant, left) for setting, mutant in alive[key]]
            worst = ("refuted", "unknown", "proved")
            found[key] = min(each, key=lambda proof: worst.index(proof.outcome))
        if limit == limits[-1] or not found[key].late:
            done()

    with ThreadPoolExecutor(jobs or default_jobs()) as threads:
        for limit in limits:
            open_ones = [key for key in alive if found[key].late]
            list(threads.map(one, open_ones, [limit] * len(open_ones)))
    return found


def _prove(problem: Problem, setting: int, mutant: Mutant, seconds: int) -> Equivalence:
    here = replace(problem, reference=mutant.original, parameters=(problem.parameters[setting],))
    return prove_equivalent(here, mutant.source, seconds=seconds)
