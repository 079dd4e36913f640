"""Run jobs in worker processes: fork server, compile server, and the pool that owns them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader.worker import pool, self_test
    from itertl_eval.grader.worker._direct import DirectWorker
    from itertl_eval.grader.worker._preflight import preflight
    from itertl_eval.grader.worker._trial import job
    from itertl_eval.grader.worker.pool import close_workers, open_worker

__all__ = [
    "DirectWorker",
    "close_workers",
    "job",
    "open_worker",
    "pool",
    "preflight",
    "self_test",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_direct": ["DirectWorker"],
            "_preflight": ["preflight"],
            "pool": ["close_workers", "open_worker"],
            "_trial": ["job"],
        },
    )
