"""One grading worker as its owner sees it: start it, give it jobs, lose nothing when it dies."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess

from itertl_eval._util.paths import cache_folder
from itertl_eval.errors import InfrastructureError
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import sandbox
from itertl_eval.grader.worker._simulator import (
    PREPARED_USERS,
    scratch_folder,
    simulation_environment,
)

START_SECONDS = 120
_GRACE_SECONDS = 10.0
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


class Worker:
    """A fork server process and the socket to it. Use from one thread at a time."""

    def __init__(self, icarus: Icarus, *, unsafe: bool = False) -> None:
        if not unsafe and not sandbox.sandbox_status().files:
            raise InfrastructureError(
                "This kernel has no Landlock, so a hostile design could read and write your "
                "files. Use Linux 5.13 or newer, or accept the risk for completions that you "
                "trust with ITERTL_EVAL_UNSAFE_NO_SANDBOX=1."
            )
        self.folder = scratch_folder()
        (self.folder / "site").mkdir()
        (self.folder / "work").mkdir()
        self.cache = cache_folder()
        self._socket, theirs = socket.socketpair()
        try:
            self._start(icarus, theirs, unsafe)
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()

    def _start(self, icarus: Icarus, theirs: socket.socket, unsafe: bool) -> None:
        (self.folder / "site" / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        settings = {
            "socket": theirs.fileno(),
            "icarus": icarus.as_dict(),
            "folder": str(self.folder / "work"),
            "cache": str(self.cache),
            "unsafe": unsafe,
        }
        environment = simulation_environment(self.folder / "site")
        environment["PYGPI_USERS"] = PREPARED_USERS
        environment["ITERTL_EVAL_SERVER"] = json.dumps(settings)
        # Icarus' own modules too, once instead of for each design; cocotb's is last and waits.
        files = [*icarus.modules, environment["ITERTL_EVAL_VPI"]]
        modules = [option for file in files for option in ("-m", file)]
        log = self.folder / "log"
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [icarus.vvp, "-n", *modules, "design.vvp", "-none"],
                cwd=self.folder, env=environment, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        theirs.close()
        self._answers = self._socket.makefile("rb")
        try:
            self._receive(START_SECONDS)
        except WorkerLost:
            said = log.read_text(errors="replace")[-2000:].strip()
            raise InfrastructureError(f"a grading worker did not start:\n{said}") from None

    def run(self, job: dict) -> dict:
        """Grade one job (see forkserver.Child). Raises WorkerLost when the process is gone."""
        try:
            self._socket.sendall(json.dumps(job).encode() + b"\n")
        except OSError as error:
            raise WorkerLost(str(error)) from None
        return self._receive(job["wall"] + _GRACE_SECONDS)

    def _receive(self, seconds: float) -> dict:
        self._socket.settimeout(seconds)
        try:
            line = self._answers.readline()
        except OSError as error:
            raise WorkerLost(str(error)) from None
        if not line.endswith(b"\n"):
            raise WorkerLost("the worker process ended")
        return json.loads(line)

    def close(self) -> None:
        """End the worker, whatever it does, and remove its folder. Idempotent."""
        with contextlib.suppress(OSError):
            self._socket.close()
        process = getattr(self, "_process", None)
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
