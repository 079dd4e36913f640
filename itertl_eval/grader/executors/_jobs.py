"""How many samples at a time."""

from __future__ import annotations

import os


def default_jobs() -> int:
    """Return the number of cores this process may use, shared with the other ranks here."""
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", "1") or 1)
    return max(1, len(os.sched_getaffinity(0)) // ranks)
