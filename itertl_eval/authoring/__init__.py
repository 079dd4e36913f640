"""Write and check problems: scaffold, soundness check, stubs, mutants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.authoring._check import MIN_SCORE, check
    from itertl_eval.authoring._result import CheckResult
    from itertl_eval.authoring._runs import SEEDS
    from itertl_eval.authoring._scaffold import new_task
    from itertl_eval.authoring.mutate import Mutant, mutants

__all__ = [
    "MIN_SCORE",
    "SEEDS",
    "CheckResult",
    "Mutant",
    "check",
    "mutants",
    "new_task",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_check": ["MIN_SCORE", "check"],
            "_result": ["CheckResult"],
            "_runs": ["SEEDS"],
            "_scaffold": ["new_task"],
            "mutate": ["Mutant", "mutants"],
        },
    )
