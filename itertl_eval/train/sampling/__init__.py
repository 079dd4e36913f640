"""Sample completions from a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.sampling._engines import Engines
    from itertl_eval.train.sampling._phase import SamplingPlan, draw
    from itertl_eval.train.sampling._protocol import Sample, SamplingParams

__all__ = [
    "Engines",
    "Sample",
    "SamplingParams",
    "SamplingPlan",
    "draw",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_engines": ["Engines"],
            "_phase": ["SamplingPlan", "draw"],
            "_protocol": ["Sample", "SamplingParams"],
        },
    )
