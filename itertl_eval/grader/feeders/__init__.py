"""Grade in several processes of this machine, each with workers of its own."""

from itertl_eval.grader.feeders._executor import Feeders, local_executor

__all__ = ["Feeders", "local_executor"]
