"""Find the folders that travel with the package: testbenches, lm-eval tasks, training recipes."""

from __future__ import annotations

import os
from pathlib import Path

from itertl_eval import _shipped


def shipped(name: str) -> Path:
    """`testbenches`, `tasks` or `training`, in an installed wheel or in a source checkout."""
    return Path(next(iter(_shipped.__path__)), name)


def task_folders() -> list[Path]:
    """The folders with lm-eval task files: this package's, then ITERTL_EVAL_TASKS if set."""
    own = os.environ.get("ITERTL_EVAL_TASKS")
    return [shipped("tasks"), *([Path(own)] if own else [])]
