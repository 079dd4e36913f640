"""Verilog benchmarks as lm-evaluation-harness tasks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from itertl_eval._util.command import report_uncaught
from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.lm_eval._folder_tasks import CorpusTask, folder_task
    from itertl_eval.lm_eval._group import tasks_at_hand
    from itertl_eval.lm_eval._task import VerilogTask

__all__ = [
    "CorpusTask",
    "VerilogTask",
    "folder_task",
    "tasks_at_hand",
]

if hasattr(sys.modules["__main__"], "cli_evaluate"):  # lm-eval's command line catches nothing
    report_uncaught()

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_folder_tasks": ["CorpusTask", "folder_task"],
            "_group": ["tasks_at_hand"],
            "_task": ["VerilogTask"],
        },
    )
