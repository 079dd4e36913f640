"""Start a process on the CPU of the process that will wait for it.

Linux places a new process on the idlest CPU. Here the parent is about to block, so the child
should start on the parent's CPU; otherwise throughput drops by about 10 % (two workers, two
cores). Nothing stays pinned after the start.
"""

from __future__ import annotations

import ctypes
import os

_current = getattr(ctypes.PyDLL(None), "sched_getcpu", None)
_everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def stay() -> None:
    """Pin this process, and so the processes that it starts, to its current CPU until `roam`."""
    if _everywhere and _current is not None:
        _set(0, {_current()})


def roam(pid: int = 0) -> None:
    """Let this process, or its child `pid`, run on any CPU again."""
    if _everywhere:
        _set(pid, _everywhere)


def _set(pid: int, processors: set[int]) -> None:
    try:  # noqa: SIM105 (a sample's process would copy pages for contextlib)
        os.sched_setaffinity(pid, processors)
    except OSError:  # the child has ended, or the CPUs were taken away
        pass
