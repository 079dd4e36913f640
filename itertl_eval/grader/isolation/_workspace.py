"""Run command-line tools in the sandbox, with bounded time, memory, files and output."""

from __future__ import annotations

import contextlib
import enum
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from itertl_eval.grader.isolation import housekeeping, sandbox
from itertl_eval.grader.isolation._watch import crowded, group_cpu

FLOODED = "stopped for the output that it wrote"
_MEMORY_MIB, _FILE_MIB, _FOLDER_MIB, _LOG_MIB = 4096, 64, 256, 4
_DEVICES = ("/dev/null", "/dev/urandom")
_ROOM_BYTES = 1 << 20
"""What must be free beside the tools: iverilog removes the files between its parts, full or not."""
_LOOK_SECONDS = 0.1
"""How often the output is measured while the tools run."""
_PATIENCE = 4
"""How many times the limit of wall time is granted to tools that got hardly any CPU time."""

# Runs without site-packages: 30 ms. Reports failures through a pipe that exec closes.
_LAUNCHER = """\
import importlib.util, json, os, sys
job = json.loads(sys.argv[1])
os.set_inheritable(job["complaints"], False)
try:
    spec = importlib.util.spec_from_file_location("sandbox", job["sandbox"])
    sandbox = sys.modules["sandbox"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sandbox)
    sandbox.die_with_parent()
    sandbox.limit(**job["limits"])
    if not job["unsafe"]:
        sandbox.enter(sandbox.make_ruleset(
            [sandbox.Path(p) for p in job["readable"]], [sandbox.Path(p) for p in job["writable"]]
        ))
    for command in job["commands"][:-1]:
        os.spawnve(os.P_WAIT, command[0], command, job["environment"])
    os.execve(job["commands"][-1][0], job["commands"][-1], job["environment"])
except BaseException as error:
    os.write(job["complaints"], repr(error).encode())
    os._exit(1)
"""


class Ending(enum.Enum):
    """How a run of the tools ended."""

    DONE = "done"
    TIMEOUT = "timeout"
    FLOODED = "flooded"


class Log:
    """A file without a name for the output of the tools; of a huge one only the start is read."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def fileno(self) -> int:
        return self._file.fileno()

    @property
    def full(self) -> bool:
        """Whether it holds more than is ever read."""
        return os.fstat(self.fileno()).st_size > _LOG_MIB << 20

    def read(self) -> bytes:
        self._file.seek(0)
        return self._file.read(_LOG_MIB << 20)


@dataclass(frozen=True)
class Workspace:
    """A private folder and the sandbox for the tools that run in it.

    `tools` has the path of each tool by name. `readable` are files and folders that the tools
    may read and execute besides the system's libraries and this folder. `unsafe` leaves access
    to files unrestricted.
    """

    folder: Path
    tools: Mapping[str, str]
    readable: Sequence[str]
    unsafe: bool

    def run(self, commands: list[list[str]], out: Log | None, err: Log, seconds: float) -> Ending:
        """Run tools one after the other, whatever they return.

        Args:
            commands: Command lines; the first word of each names one of `tools`.
            out: Receives standard output; None discards it.
            err: Receives standard error; may be the same as `out`.
            seconds: Wall time for all commands together. On a machine that is too busy to give
                them half of it as CPU time they get more.

        Raises:
            OSError: The tools could not be started in the sandbox, the disk is full, or they got
                hardly any CPU time.
        """
        logs = [err] if out is None else [out, err]
        reading, writing = os.pipe()
        job = {
            "commands": [[self.tools[tool], *rest] for tool, *rest in commands],
            "environment": {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(self.folder)},
            "limits": {"cpu": int(seconds) + 30, "memory": _MEMORY_MIB, "file": _FILE_MIB},
            "readable": [*sandbox.SYSTEM, *_DEVICES, *self.readable],
            "writable": [str(self.folder), "/dev/null"],
            "sandbox": sandbox.__file__,
            "unsafe": self.unsafe,
            "complaints": writing,
        }
        with os.fdopen(reading, "rb") as complaints:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _LAUNCHER, json.dumps(job)],
                    cwd=self.folder,
                    env={},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if out is None else out.fileno(),
                    stderr=err.fileno(),
                    pass_fds=[writing],
                    start_new_session=True,
                )
            finally:
                os.close(writing)
            try:
                ending = self._watch(process, logs, seconds)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if complaint := complaints.read():
                raise OSError(f"a tool was not started: {complaint.decode()}")
        return ending

    def _watch(
        self, process: subprocess.Popen[bytes], logs: Sequence[Log], seconds: float
    ) -> Ending:
        deadline, granted = time.monotonic() + seconds, 1
        while True:
            left = deadline - time.monotonic()
            try:
                process.wait(min(max(left, 0), _LOOK_SECONDS))
                running = False
            except subprocess.TimeoutExpired:
                running = True
            if any(log.full for log in logs) or crowded(self.folder, _FOLDER_MIB << 20):
                return Ending.FLOODED
            housekeeping.require_room(self.folder, _ROOM_BYTES)
            if not running:
                return Ending.DONE
            if left <= 0:
                used, waiting = group_cpu(process.pid)
                if used >= seconds / 2 or not waiting:  # a design can also wait for nothing
                    return Ending.TIMEOUT
                if granted == _PATIENCE:
                    raise OSError(
                        errno.ETIMEDOUT,
                        f"in {granted * seconds:g} s this machine gave it {used:.1f} s of CPU time",
                    )
                deadline, granted = deadline + seconds, granted + 1
