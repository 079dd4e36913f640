"""One grading worker as its owner sees it: start it, give it jobs, lose nothing when it dies."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess

from itertl_eval._util.paths import cache_folder
from itertl_eval._util.wire import dump, load
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader._job import Job
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import sandbox
from itertl_eval.grader.worker._simulator import (
    FORKED_USERS,
    WorkerSettings,
    scratch_folder,
    simulation_environment,
)

START_SECONDS = 120
_GRACE_SECONDS = 10.0
_READ_BYTES = 1 << 14
_SITECUSTOMIZE = """\
import sys
try:
    from itertl_eval.grader.simulation import pytest_names
    with pytest_names.instead():
        import cocotb.regression
    from itertl_eval.grader.worker._forkserver import serve
except BaseException as error:
    print("itertl-eval: the worker could not start:", repr(error), file=sys.stderr)
    raise SystemExit(1)
serve()
"""


class WorkerLost(Exception):
    """The worker process ended without an answer; the job may be given to another."""


class StartKilled(InfrastructureError):
    """Something has killed a worker's process while it started."""


class Worker:
    """A fork server process and the socket to it. Use it from one thread at a time.

    Attributes:
        patience: Seconds that `receive` waits at most.
        only_runs: `run` is the only way to give it jobs.

    Raises:
        InfrastructureError: There is no sandbox and not `unsafe`, or the process does not start.
        StartKilled: It does not because something has killed it.
    """

    only_runs = False

    def __init__(self, icarus: Icarus, *, unsafe: bool = False) -> None:
        if not unsafe and (refusal := sandbox.sandbox_status().refusal):
            raise InfrastructureError(
                f"no sandbox, so a hostile design could read and write your files: {refusal}. "
                "Or accept the risk, for completions that you trust, with "
                "ITERTL_EVAL_UNSAFE_NO_SANDBOX=1."
            )
        self.folder = scratch_folder()
        (self.folder / "site").mkdir()
        (self.folder / "work").mkdir()
        self.cache = cache_folder()
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(True)  # also where sockets have a default timeout
        self._begun: list[bytes] = []
        self.patience = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._start(icarus, theirs, unsafe)
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()

    def _start(self, icarus: Icarus, theirs: socket.socket, unsafe: bool) -> None:
        (self.folder / "site" / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        settings = WorkerSettings(
            socket=theirs.fileno(),
            icarus=icarus,
            folder=str(self.folder / "work"),
            cache=str(self.cache),
            unsafe=unsafe,
        )
        environment = simulation_environment(self.folder / "site", users=FORKED_USERS)
        environment["ITERTL_EVAL_SERVER"] = dump(settings).decode()
        # Icarus' own modules too, once instead of for each design; cocotb's is last and waits.
        files = [*icarus.modules, environment["ITERTL_EVAL_VPI"]]
        modules = [option for file in files for option in ("-m", file)]
        log = self.folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [icarus.vvp, "-n", *modules, "design.vvp", "-none"],
                cwd=self.folder,
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        theirs.close()
        try:
            self._be_patient(START_SECONDS)
            while self._receive() is None:
                pass
        except WorkerLost:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._process.wait(timeout=1) == -signal.SIGKILL:
                    raise StartKilled(
                        "a grading worker was killed while it started, perhaps because there is "
                        "too little memory; fewer --jobs need less"
                    ) from None
            said = log.read_text(errors="replace")[-2000:].strip()
            if home := os.environ.get("PYTHONHOME"):
                said += f"\nPYTHONHOME is set ({home}); unset it if it is not this Python's."
            raise InfrastructureError(f"a grading worker did not start: {said}") from None

    def run(self, job: Job) -> Outcome:
        """Grade one job. Raises WorkerLost if the process is gone."""
        self.send(job)
        while (outcome := self.receive()) is None:
            pass
        return outcome

    def send(self, job: Job) -> None:
        """Give the process a job. Raises WorkerLost if it is gone."""
        try:
            self._be_patient(job.wall + _GRACE_SECONDS)
            self._socket.sendall(dump(job))
        except OSError as error:
            raise WorkerLost(str(error)) from None

    def receive(self) -> Outcome | None:
        """Wait for more of the answer; return the outcome when the answer is complete.

        Raises:
            WorkerLost: The process is gone, or has not answered in time.
        """
        line = self._receive()
        if line is None:
            return None
        try:
            return load(Outcome, line)
        except ValueError as error:
            raise WorkerLost(f"its answer can't be read: {error}") from None

    def fileno(self) -> int:
        """Return the descriptor that is readable when `receive` does not have to wait."""
        return self._socket.fileno()

    def _receive(self) -> bytes | None:
        """Wait for more of the line that answers the one request that is open.

        Returns:
            The line, or None as long as its end is missing.
        """
        try:
            more = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            raise WorkerLost("timed out") from None
        except OSError as error:
            raise WorkerLost(str(error)) from None
        if not more:
            raise WorkerLost("the worker process ended")
        if not more.endswith(b"\n"):
            self._begun.append(more)
            return None
        line = b"".join([*self._begun, more])
        self._begun.clear()
        return line

    def _be_patient(self, seconds: float) -> None:
        """Limit the time that the socket waits.

        The kernel's limit costs nothing per message, Python's own two system calls.
        """
        if seconds != self.patience:
            interval = struct.pack("@ll", int(seconds), int(seconds % 1 * 1e6))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, interval)
            self.patience = seconds

    def close(self) -> None:
        """End the worker at once and remove its folder. Idempotent."""
        with contextlib.suppress(OSError):
            self._socket.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
