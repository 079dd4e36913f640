"""Where to grade: on this machine's cores, or on any `concurrent.futures.Executor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.executors._jobs import default_jobs
    from itertl_eval.grader.executors._load import load_executor

__all__ = [
    "default_jobs",
    "load_executor",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_jobs": ["default_jobs"],
            "_load": ["load_executor"],
        },
    )
