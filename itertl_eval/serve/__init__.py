"""Grade over HTTP: the service behind `itertl-eval serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.serve._app import create_app
    from itertl_eval.serve._connection import Connection
    from itertl_eval.serve._queue import GradingQueue, QueueFull

__all__ = ["Connection", "GradingQueue", "QueueFull", "create_app"]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_app": ["create_app"],
            "_connection": ["Connection"],
            "_queue": ["GradingQueue", "QueueFull"],
        },
    )
