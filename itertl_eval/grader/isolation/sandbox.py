"""Sandbox for untrusted designs: Landlock, seccomp and resource limits.

Covered, each by its own test in tests/grader/test_sandbox.py:

* files: Landlock (kernel 5.13 or newer, no privileges needed) leaves the tools and libraries
  readable and one folder writable; everything else can be neither opened nor listed;
* network: TCP by Landlock (kernel 6.7), every kind of socket by seccomp (x86-64 and AArch64);
* new programs and processes: seccomp refuses fork and exec once the compiler is done;
* CPU time, memory, file size, open files and core dumps: a timer and resource limits;
* the environment: the process starts from an empty one;
* time: the caller kills the whole process group at the wall limit.

Not covered: the files inside of the writable folder are counted only ten times a second (see
_watch.py); side channels such as timing are open; and where the kernel has no Landlock a design
can read what the user can read. `sandbox_status()` tells what this machine offers, and the grader
refuses to run without Landlock unless the user accepts that.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import stat
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache")
"""What every tool needs to read: shared libraries and the linker's index of them."""

_libc = ctypes.CDLL(None, use_errno=True)
# Looked up here, or each sample's process would do so. There is no prctl but on Linux.
_prctl: Any = getattr(_libc, "prctl", None)
_syscall = _libc.syscall

UNSAFE_VARIABLE = "ITERTL_EVAL_UNSAFE_NO_SANDBOX"

# linux/landlock.h; the three system calls have the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_FS_EXECUTE, _FS_WRITE_FILE, _FS_READ_FILE, _FS_READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_FS_TRUNCATE = 1 << 14
_FS_READ = _FS_EXECUTE | _FS_READ_FILE | _FS_READ_DIR
_FS_ON_FILE = _FS_EXECUTE | _FS_WRITE_FILE | _FS_READ_FILE | _FS_TRUNCATE

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2

# architecture -> (AUDIT_ARCH, clone, system calls refused after the compiler is done):
# socket, fork, vfork, execve, ptrace, execveat, io_uring_setup
_SECCOMP = {
    "x86_64": (0xC000003E, 56, (41, 57, 58, 59, 101, 322, 425)),
    "aarch64": (0xC00000B7, 220, (198, 221, 117, 281, 425)),
}
_CLONE3, _CLONE_THREAD = 435, 0x10000
_FOREIGN = 0x40000000
"""x86-64 has a second set of system calls (x32) from this number on."""
_ALLOW, _KILL, _REFUSE, _UNKNOWN = 0x7FFF0000, 0, 0x00050000 | 1, 0x00050000 | 38
"""What a filter returns; refused calls fail with EPERM, unknown ones with ENOSYS."""


@dataclass(frozen=True)
class SandboxStatus:
    """What this machine offers. Without Landlock `refusal` is the reason and the remedy."""

    landlock_abi: int
    seccomp: bool
    refusal: str = ""

    @property
    def files(self) -> bool:
        return self.landlock_abi >= 1

    @property
    def network(self) -> bool:
        return self.seccomp

    def __str__(self) -> str:
        files = f"files by Landlock ABI {self.landlock_abi}" if self.files else "files OPEN"
        network = "network by seccomp" if self.network else "network OPEN"
        return f"{files}, {network}, limits by setrlimit"


def unsafe() -> bool:
    """Return whether the user accepts grading without a sandbox."""
    return os.environ.get(UNSAFE_VARIABLE) == "1"


def sandbox_in_use() -> str:
    """Return what holds a sample here, in words, for results to record."""
    status = sandbox_status()
    if not unsafe():
        return str(status)
    return f"{replace(status, landlock_abi=0)} ({UNSAFE_VARIABLE}=1)"


@cache
def sandbox_status() -> SandboxStatus:
    """Ask the kernel of this machine what it offers."""
    if sys.platform != "linux":
        return SandboxStatus(0, False, _NO_LANDLOCK[errno.ENOSYS])
    abi = _syscall(_CREATE_RULESET, None, 0, 1)
    refusal = _landlock_refusal(ctypes.get_errno()) if abi < 1 else ""
    seccomp = platform.machine() in _SECCOMP and Path("/proc/self/status").exists()
    return SandboxStatus(max(abi, 0), seccomp, refusal)


_NO_LANDLOCK = {
    errno.ENOSYS: "there is no Landlock here; Linux 5.13 or newer has it, unless a container's "
    "seccomp profile hides it",
    errno.EOPNOTSUPP: "Landlock is disabled at boot; add landlock to lsm= on the kernel's command "
    "line",
    errno.EPERM: "Landlock is refused here, perhaps by the seccomp profile of a container; allow "
    "the system calls landlock_create_ruleset, landlock_add_rule and landlock_restrict_self",
}


def _landlock_refusal(code: int) -> str:
    return _NO_LANDLOCK.get(code) or f"Landlock is refused here: {os.strerror(code)}"


def _landlock(result: int) -> int:
    """Return the result of a Landlock system call; raise OSError if the kernel refuses."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, _landlock_refusal(code))
    return result


def try_out(ruleset: int | None) -> None:
    """Enter the sandbox in a child process. Raises OSError if the kernel refuses."""
    pid = os.fork()
    if pid == 0:
        code = 0
        try:
            enter(ruleset)
            forbid_processes_and_sockets()
        except OSError as error:
            code = error.errno or errno.EPERM
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(abs(code), _landlock_refusal(abs(code)))


def make_ruleset(
    readable: Iterable[Path], writable: Iterable[Path], listable: Iterable[Path] = ()
) -> int | None:
    """Make a Landlock rule set, once per worker; each sample's process applies it with `enter`.

    Args:
        readable: Files and folders that may be read and executed.
        writable: Folders in which everything is allowed but to execute.
        listable: Folders of which only the names in them and below may be seen.

    Returns:
        A file descriptor, or None if the kernel has no Landlock.
    """
    abi = sandbox_status().landlock_abi
    if abi < 1:
        return None
    handled = (1 << (13 + (abi >= 2) + (abi >= 3))) - 1
    handled |= (1 << 15) if abi >= 5 else 0
    attributes = struct.pack("=QQQ", handled, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _landlock(_syscall(_CREATE_RULESET, attributes[:size], size, 0))
    granted = (
        (readable, _FS_READ),
        (writable, handled & ~_FS_EXECUTE),
        (listable, _FS_READ_DIR),
    )
    for paths, access in granted:
        for path in paths:
            _allow(ruleset, path, access & handled)
    return ruleset


def _allow(ruleset: int, path: str | Path, access: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a library folder that this distribution lacks
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            access &= _FS_ON_FILE
        rule = struct.pack("=Qi", access, folder)
        _landlock(_syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0))
    finally:
        os.close(folder)


def enter(ruleset: int | None) -> None:
    """Put the calling process and all that it starts into the sandbox for good.

    Raises OSError if the kernel refuses: the caller must then not run the sample.
    """
    if ruleset is None:
        return
    _landlock(_prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _landlock(_syscall(_RESTRICT_SELF, ruleset, 0))


def forbid_processes_and_sockets() -> None:
    """Refuse fork, exec, ptrace and sockets from here on. Idempotent; no-op where unknown.

    Threads are allowed: they end with the process and share its limits.
    """
    if (instructions := refusing()) is None:
        return
    program = struct.pack("@HP", len(instructions) // 8, ctypes.addressof(instructions))
    _check(_prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _check(_prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0))


@cache
def refusing() -> ctypes.Array[ctypes.c_char] | None:
    """The filter of `forbid_processes_and_sockets`, or None where none is known; made once."""
    known = _SECCOMP.get(platform.machine())
    if known is None or not sandbox_status().seccomp:
        return None
    arch, clone, refused = known
    load, equal, at_least, any_bit, end = 0x20, 0x15, 0x35, 0x45, 0x06
    number, architecture, first_argument = 0, 4, 16
    instructions = [
        (load, 0, 0, architecture),
        (equal, 1, 0, arch),
        (end, 0, 0, _KILL),
        (load, 0, 0, number),
        (equal, 0, 1, _CLONE3),  # its flags are out of sight: the C library falls back to clone
        (end, 0, 0, _UNKNOWN),
        (at_least, len(refused) + 4, 0, _FOREIGN),
    ]
    for index, call in enumerate(refused):
        instructions.append((equal, len(refused) - index + 3, 0, call))
    instructions += [
        (equal, 0, 2, clone),
        (load, 0, 0, first_argument),
        (any_bit, 0, 1, _CLONE_THREAD),
        (end, 0, 0, _ALLOW),
        (end, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    return ctypes.create_string_buffer(code, len(code))


def limit(cpu: float, memory: int, file: int) -> None:
    """Limit the resources of this process for good.

    Args:
        cpu: Seconds of CPU time, rounded up to whole ones.
        memory: MiB on top of what the process has mapped already.
        file: MiB per file.
    """
    _lower(resource.RLIMIT_CPU, ceil(cpu), ceil(cpu) + 1)
    _lower(resource.RLIMIT_AS, mapped_bytes() + (memory << 20))
    _lower(resource.RLIMIT_FSIZE, file << 20)
    _lower(resource.RLIMIT_NOFILE, 64)
    _lower(resource.RLIMIT_CORE, 0)


def mapped_bytes() -> int:
    """Return the bytes of this process's address space (Linux)."""
    if sys.platform != "linux":
        return 0
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    try:
        return int(os.read(statm, 100).split()[0]) * resource.getpagesize()
    finally:
        os.close(statm)


def _lower(kind: int, soft: int, hard: int | None = None) -> None:
    _, ceiling = resource.getrlimit(kind)
    wanted = soft if hard is None else hard
    if ceiling != resource.RLIM_INFINITY:
        soft, wanted = min(soft, ceiling), min(wanted, ceiling)
    resource.setrlimit(kind, (soft, wanted))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def _check(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
