"""Grade samples and turn verdicts into scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.scoring._phase import (
        REFERENCE,
        Graders,
        GradingPhase,
        Key,
        ScoredSample,
        inputs_of,
    )

__all__ = [
    "REFERENCE",
    "Graders",
    "GradingPhase",
    "Key",
    "ScoredSample",
    "inputs_of",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_phase": ["Graders", "GradingPhase", "ScoredSample", "Key", "REFERENCE", "inputs_of"],
        },
    )
