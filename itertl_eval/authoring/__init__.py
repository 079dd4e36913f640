"""Write and check problems: scaffold, soundness check, stubs, mutants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from itertl_eval._util.lazy import lazy_names

if TYPE_CHECKING:
    from itertl_eval.authoring._from_files import Extras, StartedTask, new_task_from_files
    from itertl_eval.authoring._harness_check import HarnessCheck, check_harness
    from itertl_eval.authoring._scaffold import TASK_FILES, new_task
    from itertl_eval.authoring.mutate import Mutant, mutants
    from itertl_eval.authoring.soundness import (
        MIN_SCORE,
        SEEDS,
        CheckResult,
        check,
        check_junit,
        listed_reason,
    )

__all__ = [
    "MIN_SCORE",
    "SEEDS",
    "TASK_FILES",
    "CheckResult",
    "Extras",
    "HarnessCheck",
    "Mutant",
    "StartedTask",
    "check",
    "check_harness",
    "check_junit",
    "listed_reason",
    "mutants",
    "new_task",
    "new_task_from_files",
]

if not TYPE_CHECKING:  # or every misspelt name would pass the type checker
    __getattr__ = lazy_names(
        __name__,
        {
            "_from_files": ["Extras", "StartedTask", "new_task_from_files"],
            "_harness_check": ["HarnessCheck", "check_harness"],
            "_scaffold": ["TASK_FILES", "new_task"],
            "mutate": ["Mutant", "mutants"],
            "soundness": [
                "MIN_SCORE",
                "SEEDS",
                "CheckResult",
                "check",
                "check_junit",
                "listed_reason",
            ],
        },
    )
