"""The recipe of a run: fields, checks, files and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.config._fields import (
        FIT_ONLY,
        FREE,
        DataArguments,
        LoopArguments,
        ObjectiveArguments,
        ReportArguments,
        SampleArguments,
        TrainerArguments,
    )
    from itertl_eval.train.config._recipe import Recipe, make_recipe, parse

__all__ = [
    "FIT_ONLY",
    "FREE",
    "DataArguments",
    "LoopArguments",
    "ObjectiveArguments",
    "Recipe",
    "ReportArguments",
    "SampleArguments",
    "TrainerArguments",
    "make_recipe",
    "parse",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_fields": [
                "FIT_ONLY",
                "FREE",
                "DataArguments",
                "LoopArguments",
                "ObjectiveArguments",
                "ReportArguments",
                "SampleArguments",
                "TrainerArguments",
            ],
            "_recipe": ["Recipe", "make_recipe", "parse"],
        },
    )
