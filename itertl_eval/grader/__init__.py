"""Grade completions: `grade`, `grade_many`, `grade_stream`, `GradingPool`.

isolation sandboxes a design, compile prepares its simulation, simulation runs the testbench,
worker holds the processes that do this, executors distribute samples over machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.grader._cache import grader_digest, tool_versions
    from itertl_eval.grader._grade import grade, grade_many, grade_stream
    from itertl_eval.grader._grade_item import grade_item
    from itertl_eval.grader._grading_pool import GradingPool
    from itertl_eval.grader._item import Item, Protocol, number, require_testbenches, sample_seed
    from itertl_eval.grader._job import Job, fill_in, make_job
    from itertl_eval.grader._outcome import Finding, interpret
    from itertl_eval.grader._reference import try_testbench
    from itertl_eval.grader._run import capture_tables, run_design, testbench_file
    from itertl_eval.grader._samples import KEEP_DAYS, keep, read_samples
    from itertl_eval.grader.compile import KNOWN_FAULTS, RECOMMENDED, SUPPORTED, Icarus, find_icarus
    from itertl_eval.grader.executors import default_jobs, load_executor
    from itertl_eval.grader.extraction import (
        closes_thoughts,
        detokenizer_fault,
        extract,
        opening_mark,
        unclosed_mark,
    )
    from itertl_eval.grader.harness import HarnessError, simulations_of
    from itertl_eval.grader.isolation import (
        Ending,
        Log,
        Workspace,
        sandbox_in_use,
        sandbox_status,
        unsafe,
    )
    from itertl_eval.grader.published import TOO_NEW, as_answer, published_bench
    from itertl_eval.grader.worker import (
        DirectWorker,
        close_workers,
        open_worker,
        preflight,
    )

__all__ = [
    "KEEP_DAYS",
    "KNOWN_FAULTS",
    "RECOMMENDED",
    "SUPPORTED",
    "TOO_NEW",
    "DirectWorker",
    "Ending",
    "Finding",
    "GradingPool",
    "HarnessError",
    "Icarus",
    "Item",
    "Job",
    "Log",
    "Protocol",
    "Workspace",
    "as_answer",
    "capture_tables",
    "close_workers",
    "closes_thoughts",
    "default_jobs",
    "detokenizer_fault",
    "extract",
    "fill_in",
    "find_icarus",
    "grade",
    "grade_item",
    "grade_many",
    "grade_stream",
    "grader_digest",
    "interpret",
    "keep",
    "load_executor",
    "make_job",
    "number",
    "open_worker",
    "opening_mark",
    "preflight",
    "published_bench",
    "read_samples",
    "require_testbenches",
    "run_design",
    "sample_seed",
    "sandbox_in_use",
    "sandbox_status",
    "simulations_of",
    "testbench_file",
    "tool_versions",
    "try_testbench",
    "unclosed_mark",
    "unsafe",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_cache": ["grader_digest", "tool_versions"],
            "extraction": [
                "closes_thoughts",
                "detokenizer_fault",
                "extract",
                "opening_mark",
                "unclosed_mark",
            ],
            "_grade": ["grade", "grade_many", "grade_stream"],
            "_grade_item": ["grade_item"],
            "_grading_pool": ["GradingPool"],
            "_reference": ["try_testbench"],
            "_item": ["Item", "Protocol", "number", "require_testbenches", "sample_seed"],
            "_job": ["Job", "fill_in", "make_job"],
            "_outcome": ["Finding", "interpret"],
            "_run": ["capture_tables", "run_design", "testbench_file"],
            "_samples": ["KEEP_DAYS", "keep", "read_samples"],
            "compile": ["Icarus", "KNOWN_FAULTS", "RECOMMENDED", "SUPPORTED", "find_icarus"],
            "executors": ["default_jobs", "load_executor"],
            "harness": ["HarnessError", "simulations_of"],
            "isolation": [
                "Ending",
                "Log",
                "Workspace",
                "sandbox_in_use",
                "sandbox_status",
                "unsafe",
            ],
            "published": ["TOO_NEW", "as_answer", "published_bench"],
            "worker": ["DirectWorker", "close_workers", "open_worker", "preflight"],
        },
    )
