"""Find the folders that travel with the package: testbenches, lm-eval tasks, training recipes."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from itertl_eval.errors import InfrastructureError


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


@contextlib.contextmanager
def filling_cache() -> Iterator[None]:
    """Say what to do when the cache folder can't be written.

    Raises:
        InfrastructureError: In place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise InfrastructureError(
            f"the cache folder {cache_folder()} can't be written ({error}). "
            "Make room or set ITERTL_EVAL_CACHE to another folder."
        ) from None


@contextlib.contextmanager
def filling_folder(target: Path) -> Iterator[Path]:
    """Give a folder of the cache to fill, which takes the place of `target` after the block.

    If another process was faster, its folder stays.

    Raises:
        InfrastructureError: It can't be written. No part is left.
    """
    with filling_cache():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=target.parent))
        try:
            yield partial
            try:
                partial.replace(target)
            except OSError:
                if not target.is_dir():
                    raise
        finally:
            shutil.rmtree(partial, ignore_errors=True)


def made_testbenches(suite: str) -> Path:
    """Return the cache folder for testbenches of a suite that are made from its references."""
    return cache_folder() / "testbenches" / suite
