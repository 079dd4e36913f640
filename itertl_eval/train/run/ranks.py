"""The processes of a run: which one this is, and how one waits for another.

Ranks meet through files. A collective would time out while one rank grades for half an hour.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def rank() -> int:
    """Return this process's number in the run, as torchrun and accelerate set it."""
    return int(os.environ.get("RANK", "0") or 0)


def world() -> int:
    """Return the number of processes of the run."""
    return int(os.environ.get("WORLD_SIZE", "1") or 1)


def is_main() -> bool:
    """Return whether this is the first process, which grades and writes the results."""
    return rank() == 0


def wait_until(condition: Callable[[], bool], *, every: float = 0.5) -> None:
    """Poll until true. There is no time limit: the launcher ends all ranks if one dies."""
    while not condition():
        time.sleep(every)
