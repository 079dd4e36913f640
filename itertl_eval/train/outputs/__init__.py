"""What a run leaves behind: metrics, model card, final model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.outputs import metrics
    from itertl_eval.train.outputs._export import write_final
    from itertl_eval.train.outputs._run_samples import RunSample, run_samples
    from itertl_eval.train.outputs._tracking import Tracking, installed

__all__ = [
    "RunSample",
    "Tracking",
    "installed",
    "metrics",
    "run_samples",
    "write_final",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_export": ["write_final"],
            "_run_samples": ["RunSample", "run_samples"],
            "_tracking": ["Tracking", "installed"],
        },
    )
