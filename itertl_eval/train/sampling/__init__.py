"""Sample completions from a checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.sampling._engines import Engines
    from itertl_eval.train.sampling._phase import SamplingPlan, sample_all
    from itertl_eval.train.sampling._protocol import (
        Sample,
        SampleKey,
        SamplingParams,
        cut_at_endmodule,
    )
    from itertl_eval.train.sampling._server_sampler import served_models

__all__ = [
    "Engines",
    "Sample",
    "SampleKey",
    "SamplingParams",
    "SamplingPlan",
    "cut_at_endmodule",
    "sample_all",
    "served_models",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_engines": ["Engines"],
            "_phase": ["SamplingPlan", "sample_all"],
            "_protocol": ["Sample", "SampleKey", "SamplingParams", "cut_at_endmodule"],
            "_server_sampler": ["served_models"],
        },
    )
