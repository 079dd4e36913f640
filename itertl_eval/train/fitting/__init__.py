"""Fit a model to groups of ranked candidates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.fitting._fit import (
        FitPlan,
        FitSettings,
        fit,
        require,
        reuse_of,
        updates_of,
    )
    from itertl_eval.train.fitting._groups import Candidate, Counts, Group, build, whole
    from itertl_eval.train.fitting._objectives import PASSING
    from itertl_eval.train.fitting._registry import OBJECTIVES
    from itertl_eval.train.fitting._saved import CHECKPOINTS, discard

__all__ = [
    "CHECKPOINTS",
    "OBJECTIVES",
    "PASSING",
    "Candidate",
    "Counts",
    "FitPlan",
    "FitSettings",
    "Group",
    "build",
    "discard",
    "fit",
    "require",
    "reuse_of",
    "updates_of",
    "whole",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_fit": ["FitPlan", "FitSettings", "fit", "require", "reuse_of", "updates_of"],
            "_groups": ["Candidate", "Counts", "Group", "build", "whole"],
            "_objectives": ["PASSING"],
            "_registry": ["OBJECTIVES"],
            "_saved": ["CHECKPOINTS", "discard"],
        },
    )
