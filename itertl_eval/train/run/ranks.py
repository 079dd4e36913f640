"""Which of the processes of a run this one is, and how the others wait for it.

Ranks meet through files. A collective would time out while one rank grades for half an hour.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def rank() -> int:
    """This process's number among all of the run, as torchrun and accelerate set it."""
    return int(os.environ.get("RANK", "0") or 0)


def world() -> int:
    """How many processes work on the run."""
    return int(os.environ.get("WORLD_SIZE", "1") or 1)


def is_main() -> bool:
    return rank() == 0


def wait_until(condition: Callable[[], bool], *, every: float = 0.5) -> None:
    """Poll until true. The launcher ends all ranks when one dies, so there is no time limit."""
    while not condition():
        time.sleep(every)
