"""Grade over HTTP: the service behind `itertl-eval serve`."""

from itertl_eval.serve._app import create_app
from itertl_eval.serve._queue import GradingQueue, QueueFull

__all__ = ["GradingQueue", "QueueFull", "create_app"]
