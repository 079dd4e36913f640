"""Grade samples and turn verdicts into rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.scoring._online import OnlineReward
    from itertl_eval.train.scoring._phase import (
        REFERENCE,
        Graders,
        GradingPhase,
        Scores,
        inputs_of,
    )
    from itertl_eval.train.scoring._scored import ScoredSample

__all__ = [
    "REFERENCE",
    "Graders",
    "GradingPhase",
    "OnlineReward",
    "ScoredSample",
    "Scores",
    "inputs_of",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_online": ["OnlineReward"],
            "_phase": ["Graders", "GradingPhase", "REFERENCE", "Scores", "inputs_of"],
            "_scored": ["ScoredSample"],
        },
    )
