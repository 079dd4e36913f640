"""Verilog benchmarks as lm-evaluation-harness tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.lm_eval._task import CorpusTask, VerilogTask, folder_task

__all__ = [
    "CorpusTask",
    "VerilogTask",
    "folder_task",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_task": ["CorpusTask", "VerilogTask", "folder_task"],
        },
    )
