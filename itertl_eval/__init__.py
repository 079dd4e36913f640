"""itertl-eval: judge and teach language models that write hardware.

`grade(problem, completion) -> Verdict` is the one judgement; lm-eval tasks, the command line
and every reward call it. Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names
from itertl_eval._version import __version__ as __version__

if TYPE_CHECKING:
    from itertl_eval.errors import InfrastructureError, ItertlError, UsageError
    from itertl_eval.grader import Item, extract, grade, grade_many
    from itertl_eval.problem import Limits, Port, Problem, Prompt, Suite
    from itertl_eval.results import pass_at_k
    from itertl_eval.suites import load_suite, suite_names
    from itertl_eval.verdict import Verdict

__all__ = [
    "InfrastructureError",
    "Item",
    "ItertlError",
    "Limits",
    "Port",
    "Problem",
    "Prompt",
    "Suite",
    "UsageError",
    "Verdict",
    "extract",
    "grade",
    "grade_many",
    "load_suite",
    "pass_at_k",
    "suite_names",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "errors": ["InfrastructureError", "ItertlError", "UsageError"],
            "grader": ["Item", "extract", "grade", "grade_many"],
            "problem": ["Limits", "Port", "Problem", "Prompt", "Suite"],
            "results": ["pass_at_k"],
            "suites": ["load_suite", "suite_names"],
            "verdict": ["Verdict"],
        },
    )
