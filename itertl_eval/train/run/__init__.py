"""The run folder, its clock and its ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.train.run import ranks
    from itertl_eval.train.run._clock import Clock
    from itertl_eval.train.run._content import base_key
    from itertl_eval.train.run._folder import (
        BEGUN,
        DONE,
        Phase,
        Row,
        Rows,
        RunFolder,
        digest,
        parse_row,
    )

__all__ = [
    "BEGUN",
    "DONE",
    "Clock",
    "Phase",
    "Row",
    "Rows",
    "RunFolder",
    "base_key",
    "digest",
    "parse_row",
    "ranks",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_clock": ["Clock"],
            "_content": ["base_key"],
            "_folder": [
                "BEGUN",
                "DONE",
                "Phase",
                "Row",
                "Rows",
                "RunFolder",
                "digest",
                "parse_row",
            ],
        },
    )
