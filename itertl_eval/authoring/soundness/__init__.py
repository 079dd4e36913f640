"""Check whether a problem is sound: reference, stubs, mutants and specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.authoring.soundness._check import MIN_SCORE, check
    from itertl_eval.authoring.soundness._junit import check_junit
    from itertl_eval.authoring.soundness._mutants import listed_reason
    from itertl_eval.authoring.soundness._result import CheckResult
    from itertl_eval.authoring.soundness._runs import SEEDS
    from itertl_eval.authoring.soundness._specification import parameters_of

__all__ = [
    "MIN_SCORE",
    "SEEDS",
    "CheckResult",
    "check",
    "check_junit",
    "listed_reason",
    "parameters_of",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_check": ["MIN_SCORE", "check"],
            "_junit": ["check_junit"],
            "_mutants": ["listed_reason"],
            "_result": ["CheckResult"],
            "_runs": ["SEEDS"],
            "_specification": ["parameters_of"],
        },
    )
