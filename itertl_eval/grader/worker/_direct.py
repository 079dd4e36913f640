"""The fallback without a fork server: a new simulator process for each sample.

It is ten times slower and gives the same verdict. `python -m itertl_eval.grader.worker._direct`
compiles one sample in the sandbox and then becomes vvp; there cocotb starts Python and calls
`resume`, which closes the sandbox further before simulated time begins. What a design does even
earlier, in the initialisers of its variables, can read this package's Python files and the
testbench's, but no reference. Used if the fork server's self-test fails, on systems other than
Linux, and with ITERTL_EVAL_DIRECT=1.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from itertl_eval._util.testbench_files import list_files
from itertl_eval._util.wire import dump, load
from itertl_eval.grader._job import Job, attempt, provide
from itertl_eval.grader._outcome import Outcome
from itertl_eval.grader.compile import Icarus, Tools, prefilter, prepare
from itertl_eval.grader.isolation import Watch, housekeeping, sandbox
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
from itertl_eval.grader.worker._simulator import WorkerSettings, simulation_environment
from itertl_eval.grader.worker._worker import Worker

VARIABLE = "ITERTL_EVAL_CHILD"
JOB_VARIABLE = "ITERTL_EVAL_JOB"
STARTUP_SECONDS = 5
"""Time for Python's own start, twice per sample, on top of the design's limits."""
_STARTUP_MEMORY = 100
"""MiB that Python needs to start and to read a design."""


class DirectWorker(Worker):
    """A worker that starts a new process for every job."""

    only_runs = True

    def _start(self, icarus: Icarus, theirs: socket.socket, unsafe: bool) -> None:
        self._icarus, self._unsafe, self._count = icarus, unsafe, 0
        theirs.close()

    def run(self, job: Job) -> Outcome:
        self._count += 1
        job = replace(job, cpu=job.cpu + STARTUP_SECONDS, wall=job.wall + STARTUP_SECONDS)
        folder = self.folder / "work" / f"s{self._count}"
        folder.mkdir()
        try:
            provide(job, folder)
        except OSError as error:
            return Outcome(broken=f"a file of `readmem` in problem.yaml can't be read: {error}")
        mine, theirs = socket.socketpair()
        settings = WorkerSettings(
            socket=theirs.fileno(),
            folder=str(folder),
            cache=str(self.cache),
            icarus=self._icarus,
            unsafe=self._unsafe,
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "itertl_eval.grader.worker._direct"],
            env=simulation_environment() | {VARIABLE: dump(settings).decode()},
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        outcome = Outcome()
        watch = Watch(
            process.pid,
            mine,
            wall=job.wall,
            cpu=job.cpu,
            memory=job.memory,
            baseline=_STARTUP_MEMORY,
            folder=folder,
            file=job.file,
        )
        try:
            mine.sendall(dump(job))
            watch.run(outcome)
            if not outcome.answered and outcome.broken is None:
                outcome.said = last_words(folder / "log")
        except OSError as error:
            outcome.broken = f"the process was lost: {error}"
        finally:
            process.returncode = 0  # Watch has reaped it
            mine.close()
            self.after(folder)
            shutil.rmtree(folder, ignore_errors=True)
        return outcome

    def after(self, folder: Path) -> None:
        """Called with the folder of each sample before it is removed."""


def main() -> None:
    """Compile the one job that comes through the socket and become its simulation."""
    settings = load(WorkerSettings, os.environ[VARIABLE])
    channel = socket.socket(fileno=settings.socket)
    os.set_inheritable(channel.fileno(), False)  # the tools must not have it
    job = load(Job, channel.makefile("rb").readline())
    housekeeping.volunteer_for_oom()
    child = Child(job, settings.icarus, channel, Path(settings.folder))
    if not attempt(partial(_compiled, child, settings), child.report):
        return
    os.environ[JOB_VARIABLE] = dump(replace(job, source="")).decode()
    os.set_inheritable(channel.fileno(), True)
    # The simulator may refuse the design before Python is there again, or this machine may fail
    # to start it: until `resume`, an end counts as a crash, which a good design has to confirm.
    child.report({"stage": "simulate", "crashed": True})
    vvp, entry = settings.icarus.vvp, os.environ["ITERTL_EVAL_VPI"]
    os.execv(vvp, [vvp, "-n", "-m", entry, "design.vvp", f"-{job.waves or 'none'}"])


def _compiled(child: Child, settings: WorkerSettings) -> bool:
    """Compile the design; then enter the wider sandbox in which Python can still start.

    The compile runs in a process of its own, in the sandbox of the simulation.
    """
    prefilter.warm_up(Path(settings.cache))
    startup.prepare()
    try:
        loaded = import_testbench(child.job)
    except BrokenTestbench as error:
        child.report({"broken": f"{UNUSABLE}{error}", "testbench_fault": True})
        return False
    child.report(imported(loaded))
    compiler = os.fork()
    if compiler == 0:
        sandbox.die_with_parent()
        child.enter_sandbox(_ruleset(settings, loaded))
        tools = Tools(child.icarus, child.job.cpu)
        act = partial(prepare, compile_job(child.job, loaded.bench), tools, child.report)
        os._exit(not attempt(act, child.report))
    status = os.waitpid(compiler, 0)[1]
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if status:
        return False
    child.enter_sandbox(_ruleset(settings, loaded, starting=Path(child.job.frame.testbench)))
    child.address()
    return True


def _ruleset(
    settings: WorkerSettings, loaded: Testbench, *, starting: Path | None = None
) -> int | None:
    """Return the sandbox of one sample.

    While its simulation is `starting` with a testbench, Python must be able to read that and this
    package.
    """
    if settings.unsafe:
        return None
    may_read = [*readable(settings.icarus), *loaded.readable]
    may_list = [*listable(), *{path.parent for path in loaded.readable}]
    if starting is not None:
        package = Path(__file__).parents[2]
        may_read += [package / room for room in ("_util", "bench", "grader", "verilog")]
        may_read += package.glob("*.py")
        may_read += list_files(starting, [])
        may_list.append(starting.parent)
        may_read.append(Path(os.environ["GPI_USERS"].split(";")[0]))
        may_read.append(Path(os.path.realpath(sys.executable)))
        may_read += [Path(sys.executable), Path(sys.prefix, "pyvenv.cfg")]
    return sandbox.make_ruleset(may_read, [Path(settings.folder)], may_list)


def resume() -> None:
    """Inside the simulator, before the regression: take up what `main` left in the environment."""
    settings = load(WorkerSettings, os.environ.pop(VARIABLE))
    job = load(Job, os.environ.pop(JOB_VARIABLE))
    channel = socket.socket(fileno=settings.socket)
    child = Child(job, settings.icarus, channel, Path(settings.folder))
    if not attempt(partial(_resumed, child, settings), child.report):
        os._exit(0)


def _resumed(child: Child, settings: WorkerSettings) -> bool:
    os.ftruncate(1, 0)  # what Python printed at its start is no news of the design
    loaded = import_testbench(child.job)
    child.report({"crashed": False})
    sandbox.enter(
        _ruleset(settings, loaded)
    )  # time has not begun: only initialisers of the design ran
    logging.disable(logging.CRITICAL)
    child.plan(loaded)
    if child.job.waves is not None:
        os.dup(settings.socket)  # Python ends before the simulator closes its file
    sandbox.forbid_processes_and_sockets()
    return True


if __name__ == "__main__":
    main()

__all__ = ["DirectWorker", "main", "resume"]
