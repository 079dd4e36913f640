"""One grading worker as its owner sees it: start it, give it jobs, lose nothing when it dies."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import warnings
from functools import cache
from pathlib import Path

import platformdirs

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader import sandbox
from itertl_eval.grader.icarus import Icarus

START_SECONDS = 120
_GRACE_SECONDS = 10.0
_SITECUSTOMIZE = """\
import sys
try:
    from itertl_eval.grader import pytest_names
    with pytest_names.instead():
        import cocotb.regression
    from itertl_eval.grader.forkserver import serve
except BaseException as error:
    print("itertl-eval: the worker could not start:", repr(error), file=sys.stderr)
    raise SystemExit(1)
serve()
"""


_USERS = "cocotb._init:init_package_from_simulation,itertl_eval.grader.regression:run"
_PREPARED_USERS = "itertl_eval.grader.regression:initialize,itertl_eval.grader.regression:run"


class WorkerLost(Exception):
    """The worker process ended without an answer; the job may be given to another."""


def cache_folder() -> Path:
    """ITERTL_EVAL_CACHE, or the platform's cache folder for this package."""
    own = os.environ.get("ITERTL_EVAL_CACHE")
    return Path(own) if own else Path(platformdirs.user_cache_dir("itertl-eval"))


def scratch_folder() -> Path:
    """A new private folder for one worker, on tmpfs where there is one.

    Its name holds the owner's process id; folders of owners that are gone are removed.
    """
    shared = Path("/dev/shm")
    parent = Path(tempfile.gettempdir())
    if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 256 << 20:
        parent = shared
    for stale in parent.glob("itertl-*-*"):
        owner = stale.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc/self").exists():
            shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"itertl-{os.getpid()}-", dir=parent))


@cache
def _cocotb_paths() -> tuple[str, str, str]:
    import cocotb_tools.config
    import find_libpython

    library = find_libpython.find_libpython()
    if library is None:
        raise InfrastructureError(
            "This Python has no shared library, which cocotb needs. Use the system's Python "
            "with its development package (apt-get install python3-dev), or one built with "
            "--enable-shared (PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install ...)."
        )
    entry = cocotb_tools.config.lib_entry("vpi", "icarus")
    return library, entry, cocotb_tools.config.pygpi_entry_point()


def simulation_environment(*paths: Path) -> dict[str, str]:
    """The whole environment of a simulator with cocotb in it; `paths` lead its PYTHONPATH."""
    library, entry, pygpi = _cocotb_paths()
    package_root = Path(__file__).parents[2]
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, [*paths, package_root])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYGPI_PYTHON_BIN": sys.executable,
        "GPI_USERS": f"{library};{pygpi}",
        "PYGPI_USERS": _USERS,
        "GPI_LOG_LEVEL": "CRITICAL",
        "TOPLEVEL_LANG": "verilog",
        # Or each sample's process would resolve the same functions anew, a page fault at a time.
        "LD_BIND_NOW": "1",
        "ITERTL_EVAL_VPI": entry,
    }


class Worker:
    """A fork server process and the socket to it. Use from one thread at a time."""

    def __init__(self, icarus: Icarus, *, unsafe: bool = False) -> None:
        if not unsafe and not sandbox.status().files:
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
        environment["PYGPI_USERS"] = _PREPARED_USERS
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


def open_worker(icarus: Icarus, *, unsafe: bool = False) -> Worker:
    """A worker for this machine: a fork server where one works, else a process per sample.

    How cocotb loads Python is not documented, so each process tries its first fork server on
    a right and a wrong design before it trusts the method.
    """
    from itertl_eval.grader.direct import DirectWorker

    if os.environ.get("ITERTL_EVAL_DIRECT") == "1" or not sys.platform.startswith("linux"):
        return DirectWorker(icarus, unsafe=unsafe)
    global _fork_server_works
    with _fork_server_lock:
        if _fork_server_works is None:
            trial = Worker(icarus, unsafe=unsafe)
            _fork_server_works = _passes_self_test(trial)
            if _fork_server_works:
                return trial
            trial.close()
            warnings.warn(
                "the fork server's self-test failed; every sample now starts its own simulator, "
                "which is about ten times slower (itertl-eval doctor says more)",
                stacklevel=2,
            )
    return (Worker if _fork_server_works else DirectWorker)(icarus, unsafe=unsafe)


_fork_server_works: bool | None = None
_fork_server_lock = threading.Lock()


def _passes_self_test(worker: Worker) -> bool:
    from itertl_eval.grader.selftest import job

    try:
        right, wrong = worker.run(job("~a")), worker.run(job("a"))
    except WorkerLost:
        return False
    outcomes = [[case["passed"] for case in answer["cases"]] for answer in (right, wrong)]
    return outcomes == [[True], [False]]
