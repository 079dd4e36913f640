"""Fit a model to groups of ranked candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.fitting._dpo import pairs
    from itertl_eval.train.fitting._fit import FitPlan, fit, require, updates_of
    from itertl_eval.train.fitting._groups import Candidate, Counts, Group, build, verified
    from itertl_eval.train.fitting._objectives import PASSING

__all__ = [
    "PASSING",
    "Candidate",
    "Counts",
    "FitPlan",
    "Group",
    "build",
    "fit",
    "pairs",
    "require",
    "updates_of",
    "verified",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_dpo": ["pairs"],
            "_fit": ["FitPlan", "fit", "require", "updates_of"],
            "_groups": ["Candidate", "Counts", "Group", "build", "verified"],
            "_objectives": ["PASSING"],
        },
    )
