"""The fork server: one simulator process with Python warm, one forked child per sample.

vvp runs the start-up routines of its VPI modules before it opens the design file, and cocotb
starts Python there. A `sitecustomize` that only this process sees (see _worker.py) calls
`serve`: it imports everything once, then answers requests. The compile server compiles a sample
first. For one that compiles a child is forked; it enters its own folder and the sandbox, and
simply returns; vvp then opens ./design.vvp of that folder and runs ordinary cocotb tests.
Nothing of cocotb or vvp is changed.

The parent watches the child (isolation/_watch.py) and returns its outcome.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import shutil
import socket
import sys
import time
from functools import partial
from io import BufferedReader
from pathlib import Path
from types import FrameType

from itertl_eval._util.wire import dump, load, warm_up
from itertl_eval.grader._job import DESIGN, Job, attempt, clear, provide
from itertl_eval.grader._outcome import Case, Outcome
from itertl_eval.grader.isolation import Watch, affinity, housekeeping, sandbox
from itertl_eval.grader.simulation import UNUSABLE, BrokenTestbench, Testbench, startup
from itertl_eval.grader.worker._child import (
    Child,
    compile_job,
    import_testbench,
    imported,
    last_words,
    listable,
    readable,
)
from itertl_eval.grader.worker._compile_server import CompileServer
from itertl_eval.grader.worker._simulator import WorkerSettings


def serve() -> None:
    """Serve requests until the master hangs up. Returns only in a child, ready to simulate."""
    settings = load(WorkerSettings, os.environ.pop("ITERTL_EVAL_SERVER"))
    try:
        server = _ForkServer(settings)
    except OSError as error:
        print(error.strerror or error, file=sys.stderr, flush=True)
        os._exit(1)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the master is gone
        if server.serve():
            return
    shutil.rmtree(Path(settings.folder).parent, ignore_errors=True)  # its owner may be dead
    os._exit(0)


class _ForkServer:
    """The parent of all samples' processes of a worker."""

    def __init__(self, settings: WorkerSettings) -> None:
        startup.prepare()
        startup.shorten()
        housekeeping.volunteer_for_oom()
        sandbox.refusing()
        _take_net_memory()
        logging.disable(logging.CRITICAL)  # nobody would read it
        self._master = socket.socket(fileno=settings.socket)
        self._requests: BufferedReader = self._master.makefile("rb")
        self._icarus = settings.icarus
        self._folder = Path(settings.folder)
        self._settings = settings
        self._ruleset = _ruleset(settings, self._folder)
        self._latest: Testbench | None = None
        self._own_ruleset: int | None = None
        sandbox.try_out(self._ruleset)
        # Apart from the samples' folders, so that no simulation sees what the compiler was given.
        place = self._folder.parent / "prepare"
        place.mkdir()
        self._compiler = CompileServer(
            self._icarus, place, _ruleset(settings, place), Path(settings.cache)
        )
        self._made, self._design = str(place / DESIGN), str(self._folder / DESIGN)
        warm_up(Job, Outcome, Case)
        gc.set_threshold(50_000, 20, 20)
        gc.collect()
        gc.freeze()
        housekeeping.fill_holes()

    def serve(self) -> bool:
        """Answer requests one by one. Returns True in a child that is ready to simulate."""
        self._master.sendall(b"ready\n")
        for line in self._requests:
            before = time.process_time()
            try:
                outcome = self._run(load(Job, line))
            except EOFError:  # the master has hung up
                break
            if outcome is None:
                return True
            cleared = _cleared(self._folder)
            # The fork itself is paid for here, not by the child.
            outcome.cpu += time.process_time() - before
            self._master.sendall(dump(outcome))
            if not cleared:  # the next sample gets another worker, with another folder
                break
        return False

    def _run(self, job: Job) -> Outcome | None:
        """Run one job. Returns None in the child that is ready to simulate."""
        own = self._folder
        try:
            loaded = import_testbench(job)
        except BrokenTestbench as error:
            return Outcome(broken=f"{UNUSABLE}{error}", testbench_fault=True)
        compiling = compile_job(job, loaded.bench)
        outcome = self._compiler.run(compiling, job.wall, self._master, self._requests)
        outcome.update(imported(loaded))
        if outcome.prepared:
            outcome.prepared = None
            os.rename(self._made, self._design)  # noqa: PTH104 (Path is slower)
            try:
                provide(job, own)
            except OSError as error:
                outcome.broken = f"a file of `readmem` in problem.yaml can't be read: {error}"
                return outcome
            if not self._simulate(job, loaded, outcome):
                return None
        if not outcome.answered and outcome.broken is None:
            outcome.said = last_words(own / "log")
        return outcome

    def _simulate(self, job: Job, loaded: Testbench, outcome: Outcome) -> bool:
        """Fork a child and watch it. Returns False in the child that is ready to simulate."""
        compiled, wall = outcome.cpu, max(0.1, job.wall - outcome.seconds)
        mine, theirs = socket.socketpair()
        child = Child(job, self._icarus, theirs, self._folder)
        child.address()
        ruleset = self._ruleset_of(loaded)
        keep = mine, self._master, self._requests, self._compiler
        numbers = mine.fileno(), self._master.fileno(), *self._compiler.files()
        affinity.stay()
        pid = _fork()
        affinity.roam()
        if pid == 0:
            os.setsid()
            sandbox.die_with_parent()
            for number in numbers:
                os.close(number)
            child.keep = keep  # or they would close the same numbers again
            _kept.append(sys._getframe())
            if attempt(partial(_ready, child, loaded, ruleset), child.report):
                return False
            os._exit(0)
        theirs.close()
        with mine:
            if pid < 0:
                outcome.broken, outcome.retry = "no process could be started", True
            else:
                watch = Watch(
                    pid,
                    mine,
                    wall=wall,
                    cpu=job.cpu,
                    memory=job.memory,
                    folder=self._folder,
                    file=job.file,
                )
                watch.run(outcome, self._master)
                outcome.cpu += compiled
        return True

    def _ruleset_of(self, loaded: Testbench) -> int | None:
        """Return the sandbox of a testbench: the common one if it has no files but itself."""
        if self._ruleset is None or not loaded.readable:
            return self._ruleset
        if loaded is not self._latest:
            if self._own_ruleset is not None:
                os.close(self._own_ruleset)
            self._latest = loaded
            self._own_ruleset = _ruleset(self._settings, self._folder, loaded)
        return self._own_ruleset


_kept: list[FrameType] = []
"""In a child: where it was forked. Frames that live on keep their variables, and so the child
touches fewer memory pages when it returns from here to the simulator."""
_fork = ctypes.PyDLL(None).fork
"""os.fork without what Python does in the child: renewing locks that no other thread here can hold,
and seeds that are replaced anyway, on a hundred pages. It returns -1 where it fails."""


def _take_net_memory() -> None:
    """Have vvp allocate the memory of its nets now, if that is possible.

    It allocates room for 18,000 nets at a time and writes to all of it: 250 page faults in each
    sample's process otherwise, of which the design's own nets need a few. The function checks
    the size that it is given and aborts if it is wrong, so a child tries it first.
    """
    allocate = getattr(ctypes.CDLL(None), "_ZN9vvp_net_tnwEm", None)  # vvp_net_t::operator new
    if allocate is None:
        return
    size = ctypes.c_size_t(56)  # Icarus 11 to 13 on a 64-bit machine
    pid = os.fork()
    if pid == 0:
        sandbox.limit(cpu=10, memory=64, file=1)
        allocate(size)
        os._exit(0)
    if os.waitpid(pid, 0)[1] == 0:
        allocate(size)


def _ruleset(
    settings: WorkerSettings, writable: Path, loaded: Testbench | None = None
) -> int | None:
    if settings.unsafe:
        return None
    may_read, may_list = readable(settings.icarus), listable()
    if loaded is not None:
        may_read += loaded.readable
        may_list += {path.parent for path in loaded.readable}
    return sandbox.make_ruleset(may_read, [writable], may_list)


def _cleared(folder: Path) -> bool:
    try:
        clear(folder)
    except OSError:
        return False
    return True


def _ready(child: Child, loaded: Testbench, ruleset: int | None) -> bool:
    """Take the child's steps before the simulation."""
    child.enter_sandbox(ruleset)
    child.plan(loaded)
    sandbox.forbid_processes_and_sockets()
    return True


__all__ = ["serve"]
