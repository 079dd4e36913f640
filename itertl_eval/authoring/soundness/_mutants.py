"""Choose the mutants of a reference that a testbench can be measured with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from itertl_eval.authoring.mutate import Mutant, mutants
from itertl_eval.authoring.soundness._elaboration import Elaboration
from itertl_eval.authoring.soundness._equivalence import CompiledForm, drops_self_assignment
from itertl_eval.authoring.soundness._specification import parameters_of
from itertl_eval.authoring.soundness._variants import with_defaults
from itertl_eval.problem import Problem

_CANDIDATES = (0, 1, 2, 3, 4)
"""Values of a parameter that may elaborate what no setting does."""

Key = tuple[int, str, str]
"""Line, kind and description: what makes two mutants of different settings the same."""


@dataclass
class Choice:
    """The mutants to try.

    Attributes:
        mutants: For each setting of the parameters the mutants of what it elaborates.
        unelaborated: Mutants of code that no setting elaborates, with a `setting` that does.
    """

    mutants: list[list[Mutant]] = field(default_factory=list)
    unelaborated: list[dict[str, Any]] = field(default_factory=list)


def choose(problem: Problem, limit: int) -> Choice:
    """Choose up to `limit` mutants of the reference for each setting of the parameters.

    All settings get the same ones as far as they have them: which bits a signal has depends on
    its setting. Mutants that change nothing are left out.
    """
    choice = Choice(unelaborated=_unelaborated(problem))
    known: set[Key] = set()
    chosen: set[Key] = set()
    for number, setting in enumerate(problem.parameters):
        source = with_defaults(problem, setting)
        elaboration = Elaboration(source, problem.top, setting, problem.given)
        found: set[Key] = set()

        def keep(
            mutant: Mutant,
            elaboration: Elaboration = elaboration,
            found: set[Key] = found,
            taken: frozenset[Key] | None = frozenset(chosen) if number else None,
            seen: frozenset[Key] = frozenset(known),
        ) -> bool:
            if drops_self_assignment(mutant) or elaboration.sets_default(mutant):
                return False
            if elaboration.leaves_out(mutant):
                return False
            key = key_of(mutant)
            found.add(key)
            return taken is None or key in taken or key not in seen

        made = mutants(source, problem.top, limit=limit, keep=keep, given=problem.given)
        choice.mutants.append(made)
        chosen |= set(map(key_of, choice.mutants[-1]))
        known |= found
    return choice


def _unelaborated(problem: Problem) -> list[dict[str, Any]]:
    """The mutants of code that no setting elaborates."""
    source, top, given = problem.reference, problem.top, problem.given
    settings = [Elaboration(source, top, setting, given) for setting in problem.parameters]

    def keep(mutant: Mutant) -> bool:
        return all(each.leaves_out(mutant) for each in settings)

    nowhere = mutants(source, top, keep=keep, given=given)
    others = _others(problem) if nowhere else {}
    return [facts_of(problem, mutant) | _setting(mutant, others) for mutant in nowhere]


def _others(problem: Problem) -> dict[str, Elaboration]:
    """Further settings, each with one parameter changed, as problem.yaml would show them."""
    base, given = dict(problem.parameters[0]), problem.given
    if given.top:
        return {}
    return {
        f"{{{name}: {value}}}": Elaboration(
            problem.reference, problem.top, base | {name: value}, given
        )
        for name in sorted(parameters_of(problem.reference, problem.top, given))
        for value in _CANDIDATES
        if base.get(name) != value
    }


def _setting(mutant: Mutant, others: Mapping[str, Elaboration]) -> dict[str, str]:
    found = (name for name, elaboration in others.items() if not elaboration.leaves_out(mutant))
    return {"setting": next(found, "")}


class SameCode:
    """Tells which mutants compile to the same code as the reference, setting by setting."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._forms: dict[int, CompiledForm] = {}

    def __call__(self, mutant: Mutant, setting: int) -> bool:
        if setting not in self._forms:
            problem = self._problem
            self._forms[setting] = CompiledForm(
                mutant.original, problem.top, problem.parameters[setting], problem.given
            )
        return self._forms[setting].equals(mutant.source)


def key_of(mutant: Mutant) -> Key:
    """Return what makes two mutants of different settings the same."""
    return mutant.line, mutant.kind, mutant.description


def facts_of(problem: Problem, mutant: Mutant) -> dict[str, Any]:
    """Return a mutant as a row of the result."""
    return {
        "what": mutant.description,
        "line": mutant.line,
        "place": problem.place(mutant.line),
        "diff": mutant.diff,
        "name": name_of(mutant),
    }


def name_of(mutant: Mutant) -> str:
    """Return a name that quotes nothing of the design: "LINE RULE DIGEST"."""
    digest = hashlib.sha256(mutant.description.encode()).hexdigest()[:6]
    return f"{mutant.line} {mutant.kind} {digest}"


def place_of(problem: Problem, mutant: Mutant) -> str:
    """Return where a mutant is and what it changes, in one line."""
    return f"{problem.place(mutant.line)}: {mutant.description}"


def listed_reason(problem: Problem, mutant: Mutant) -> str:
    """Return why the problem lists a mutant as equivalent.

    It is named by its changed line, by `old -> new`, or by `name_of`.
    """
    lines = [line for line in mutant.diff.splitlines()[2:] if line[0] in "+-"]
    old, new = ("\n".join(x[1:].strip() for x in lines if x[0] == sign) for sign in "-+")
    names = (new, f"{old} -> {new}", name_of(mutant))
    return next((problem.equivalent[name] for name in names if name in problem.equivalent), "")
