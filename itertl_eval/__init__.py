"""itertl-eval: judge and teach language models that write hardware.

`grade(problem, completion) -> Verdict` is the one judgement; lm-eval tasks, the command line
and every reward call it. Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from itertl_eval.errors import InfrastructureError, ItertlError, UsageError
    from itertl_eval.extract import extract
    from itertl_eval.grading import Item, grade, grade_many
    from itertl_eval.passk import pass_at_k
    from itertl_eval.problem import Limits, Port, Problem, Prompt, Suite
    from itertl_eval.suites import load_suite, suite_names
    from itertl_eval.verdict import Verdict

__version__ = "0.1.0"

_HOME = {
    "InfrastructureError": "errors",
    "Item": "grading",
    "ItertlError": "errors",
    "Limits": "problem",
    "Port": "problem",
    "Problem": "problem",
    "Prompt": "problem",
    "Suite": "problem",
    "UsageError": "errors",
    "Verdict": "verdict",
    "extract": "extract",
    "grade": "grading",
    "grade_many": "grading",
    "load_suite": "suites",
    "pass_at_k": "passk",
    "suite_names": "suites",
}

__all__ = [
    "InfrastructureError", "Item", "ItertlError", "Limits", "Port", "Problem", "Prompt", "Suite",
    "UsageError", "Verdict", "extract", "grade", "grade_many", "load_suite", "pass_at_k",
    "suite_names",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
