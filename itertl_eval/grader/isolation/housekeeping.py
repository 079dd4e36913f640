"""Limits and manners of a process that works on one sample after another."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import resource
import signal
import time
from math import ceil
from pathlib import Path

_libc = ctypes.CDLL(None)


def allow(cpu: float, memory: int, file: int, mapped: int) -> None:
    """Set the same limits in a process that does one task after another.

    They are soft limits, so that the next task can have others; see `bind`. `mapped` is what
    `mapped_bytes` returned at the start of the process.
    """
    wanted = {
        resource.RLIMIT_CPU: ceil(time.process_time() + cpu),
        resource.RLIMIT_AS: mapped + (memory << 20),
        resource.RLIMIT_FSIZE: file << 20,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for kind, soft in wanted.items():
        _, ceiling = resource.getrlimit(kind)
        open_ended = ceiling == resource.RLIM_INFINITY
        resource.setrlimit(kind, (soft if open_ended else min(soft, ceiling), ceiling))


_FINAL = (
    resource.RLIMIT_AS,
    resource.RLIMIT_FSIZE,
    resource.RLIMIT_NOFILE,
    resource.RLIMIT_CORE,
)


def bind(pid: int, cpu: float) -> None:
    """Make the limits of `allow` final for a child, with its own limit of CPU seconds."""
    if not hasattr(resource, "prlimit"):  # only Linux has it
        return
    _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
    soft, hard = ceil(cpu), ceil(cpu) + 1
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with contextlib.suppress(ProcessLookupError):  # it has ended
        resource.prlimit(pid, resource.RLIMIT_CPU, (soft, hard))
        for kind in _FINAL:
            soft, _ = resource.getrlimit(kind)
            resource.prlimit(pid, kind, (soft, soft))


def stop_after(cpu: float) -> None:
    """End this process, but not its children, after this many more seconds of CPU time."""
    signal.setitimer(signal.ITIMER_PROF, cpu)


def trim_memory() -> None:
    """Return freed memory to the kernel, so that a fork has less to copy (glibc)."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def fill_holes() -> None:
    """Use up the free memory between what this process has allocated (CPython, glibc).

    What a child allocates then lies side by side, and not in one hole on each of many pages, each
    of which the kernel has to copy for it.
    """
    for size in range(1, 480, 16):
        for _ in range(_MOST_BLOCKS):
            _kept.append(bytes(size))
            if id(_kept[-1]) % _POOL == _POOL_HEADER:  # the first block of a new pool
                break
    if not hasattr(_libc, "malloc_trim"):
        return
    trim_memory()
    allocate, free, move_end = _libc.malloc, _libc.free, _libc.sbrk
    allocate.restype = move_end.restype = ctypes.c_void_p
    allocate.argtypes, free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
    end, left = move_end(0), _MOST_BYTES
    for size in [*range(1 << 16, 1 << 10, -512), *range(1 << 10, 16, -16)]:
        while (block := allocate(size)) and block < end and left > 0:
            left -= size
        free(block)


_kept: list[bytes] = []
_MOST_BLOCKS, _MOST_BYTES = 2000, 8 << 20
_POOL, _POOL_HEADER = 1 << 14, 48
"""The size of CPython's pools of small blocks, and where the first block of one lies."""


def volunteer_for_oom() -> None:
    """Have a kernel short of memory end this process and its children before others."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def require_room(folder: Path, least: int = 0) -> None:
    """Refuse a full disk, after a tool has run in `folder`: it may not have noticed.

    Args:
        folder: Where the tool wrote.
        least: Bytes that must still be free. More than 0 for a tool that removes files at its end.

    Raises:
        OSError: There is no room for more, so that what the tool has made may be a part.
    """
    left = os.statvfs(folder)
    no_inode = left.f_files and not left.f_favail  # some file systems count none
    if left.f_bavail * left.f_frsize <= least or no_inode:
        raise OSError(errno.ENOSPC, f"{os.strerror(errno.ENOSPC)} (in {folder})")
