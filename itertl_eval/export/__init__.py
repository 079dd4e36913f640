"""Export graded samples as training data: a `datasets` folder, SFT and DPO rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.export._forms import dpo_rows, sft_rows
    from itertl_eval.export._graded import GradedSample, read_run, read_verdicts
    from itertl_eval.export._write import FORMS, Form, write

__all__ = [
    "FORMS",
    "Form",
    "GradedSample",
    "dpo_rows",
    "read_run",
    "read_verdicts",
    "sft_rows",
    "write",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_forms": ["dpo_rows", "sft_rows"],
            "_graded": ["GradedSample", "read_run", "read_verdicts"],
            "_write": ["FORMS", "Form", "write"],
        },
    )
