"""Grade elsewhere: on any `concurrent.futures.Executor`, loaded by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.executors._load import load_executor

__all__ = [
    "load_executor",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_load": ["load_executor"],
        },
    )
