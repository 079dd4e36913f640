"""Find the folders that travel with the package: testbenches, lm-eval tasks, training recipes."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def shipped(name: str) -> Path:
    """Return the folder `testbenches`, `tasks` or `training` of the wheel or source checkout."""
    # Not above: a process in the sandbox imports this module and may not read that package.
    from itertl_eval import _shipped

    return Path(next(iter(_shipped.__path__)), name)


def task_folders() -> list[Path]:
    """Return the folders with lm-eval task files: this package's, and ITERTL_EVAL_TASKS if set."""
    own = os.environ.get("ITERTL_EVAL_TASKS")
    return [shipped("tasks"), *([Path(own)] if own else [])]


def cache_folder() -> Path:
    """Return ITERTL_EVAL_CACHE, or the platform's cache folder for this package."""
    own = os.environ.get("ITERTL_EVAL_CACHE")
    return Path(own) if own else Path(platformdirs.user_cache_dir("itertl-eval"))


def made_testbenches(suite: str) -> Path:
    """Return the cache folder for testbenches of a suite that are made from its references."""
    return cache_folder() / "testbenches" / suite
