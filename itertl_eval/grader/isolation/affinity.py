"""Start a process on the processor of the one that will wait for it.

Linux looks for the idlest processor for a new process. Here its parent is about to sleep, so its
own will be idle in a moment; started elsewhere the child waits behind another worker's process
while that one stands still. With a worker for each of two cores a tenth of both was lost so.
Nothing is pinned for longer than the start takes.
"""

from __future__ import annotations

import ctypes
import os

_current = getattr(ctypes.PyDLL(None), "sched_getcpu", None)
_everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def stay() -> None:
    """What this process starts from here on starts on this processor, until `roam`."""
    if _everywhere and _current is not None:
        _set(0, {_current()})


def roam(pid: int = 0) -> None:
    """This process, or its child `pid`, may run anywhere again."""
    if _everywhere:
        _set(pid, _everywhere)


def _set(pid: int, processors: set[int]) -> None:
    try:  # noqa: SIM105 (a sample's process would copy pages for contextlib)
        os.sched_setaffinity(pid, processors)
    except OSError:  # the child has ended, or the processors were taken away
        pass
