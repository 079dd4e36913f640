"""Isolate untrusted designs: sandbox, CPU affinity, supervision of processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.isolation import affinity, housekeeping, sandbox
    from itertl_eval.grader.isolation._watch import Watch
    from itertl_eval.grader.isolation._workspace import FLOODED, Ending, Log, Workspace
    from itertl_eval.grader.isolation.sandbox import sandbox_in_use, sandbox_status, unsafe

__all__ = [
    "FLOODED",
    "Ending",
    "Log",
    "Watch",
    "Workspace",
    "affinity",
    "housekeeping",
    "sandbox",
    "sandbox_in_use",
    "sandbox_status",
    "unsafe",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_watch": ["Watch"],
            "_workspace": ["FLOODED", "Ending", "Log", "Workspace"],
            "sandbox": ["sandbox_in_use", "sandbox_status", "unsafe"],
        },
    )
