"""Grade by VerilogEval's published protocol, for numbers that compare with papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.published._official import (
        SECONDS,
        TOO_NEW,
        Official,
        as_answer,
        official,
        published_bench,
    )
    from itertl_eval.grader.published._verdict import as_published, official_of

__all__ = [
    "SECONDS",
    "TOO_NEW",
    "Official",
    "as_answer",
    "as_published",
    "official",
    "official_of",
    "published_bench",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_official": [
                "SECONDS",
                "TOO_NEW",
                "Official",
                "as_answer",
                "official",
                "published_bench",
            ],
            "_verdict": ["as_published", "official_of"],
        },
    )
