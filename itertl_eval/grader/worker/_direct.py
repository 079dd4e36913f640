"""The fall-back without a fork server: a fresh simulator process for each sample.

Ten times slower and the same verdict. `python -m itertl_eval.grader.worker._direct` compiles one
sample behind the sandbox and then becomes vvp; there cocotb starts Python and calls `resume`,
which shuts the last doors before simulated time begins. What a design does even earlier, in the
initialisers of its variables, can read this package's Python files and the testbench's, but no
reference. Used where the fork server's self-test fails, off Linux, and with ITERTL_EVAL_DIRECT=1.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

from itertl_eval._util.testbench_files import testbench_files
from itertl_eval.grader._job import attempt
from itertl_eval.grader.compile import Icarus, Tools, prefilter, prepare
from itertl_eval.grader.isolation import Watch, sandbox
from itertl_eval.grader.simulation import regression, testbench
from itertl_eval.grader.worker._child import Child, listable, readable, sample_of
from itertl_eval.grader.worker._simulator import simulation_environment
from itertl_eval.grader.worker._worker import Worker

VARIABLE = "ITERTL_EVAL_CHILD"
STARTUP_SECONDS = 5
"""Processor time for Python's own start, twice per sample, on top of the design's limit."""


class DirectWorker(Worker):
    """Has a Worker's face; starts a process for each job instead of keeping one."""

    def _start(self, icarus: Icarus, theirs: socket.socket, unsafe: bool) -> None:
        self._icarus, self._unsafe, self._count = icarus, unsafe, 0
        theirs.close()

    def run(self, job: dict) -> dict:
        self._count += 1
        job = {**job, "cpu": job["cpu"] + STARTUP_SECONDS}
        folder = self.folder / "work" / f"s{self._count}"
        folder.mkdir()
        mine, theirs = socket.socketpair()
        settings = {
            "socket": theirs.fileno(), "folder": str(folder), "cache": str(self.cache),
            "icarus": self._icarus.as_dict(), "unsafe": self._unsafe,
        }  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", "itertl_eval.grader.worker._direct"],
            env=simulation_environment() | {VARIABLE: json.dumps(settings)},
            pass_fds=[theirs.fileno()], start_new_session=True, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()
        try:
            mine.sendall(json.dumps(job).encode() + b"\n")
            return Watch(process.pid, mine, job, folder).run()
        except OSError as error:
            return {"cases": [], "timeout": False, "broken": f"the process was lost: {error}"}
        finally:
            process.returncode = 0  # Watch has reaped it
            mine.close()
            self.after(folder)
            shutil.rmtree(folder, ignore_errors=True)

    def after(self, folder: Path) -> None:
        """Called with the folder of each sample before it is removed."""


def main() -> None:
    """Compile the one sample that comes through the socket and become its simulation."""
    settings = json.loads(os.environ[VARIABLE])
    channel = socket.socket(fileno=settings["socket"])
    os.set_inheritable(channel.fileno(), False)  # the tools must not have it
    job = json.loads(channel.makefile("rb").readline())
    icarus = Icarus.from_dict(settings["icarus"])
    child = Child(job, icarus, channel, Path(settings["folder"]))
    if not attempt(partial(_compiled, child, settings), child.report):
        return
    del job["source"]
    os.environ[VARIABLE] = json.dumps({**settings, "job": job})
    os.set_inheritable(channel.fileno(), True)
    # The simulator may refuse the design before Python is there again, or this machine may fail
    # to start it: until `resume`, an end counts as a crash, which a good design has to confirm.
    child.report({"stage": "simulate", "crashed": True})
    entry = os.environ["ITERTL_EVAL_VPI"]
    os.execv(
        icarus.vvp, [icarus.vvp, "-n", "-m", entry, "design.vvp", f"-{job.get('waves', 'none')}"]
    )


def _compiled(child: Child, settings: dict) -> bool:
    """Compile in a process of its own, behind the walls that the simulation has from its first
    moment on; then put up the wider ones behind which Python can still start."""
    prefilter.warm_up(Path(settings["cache"]))
    loaded = testbench.load_testbench(Path(child.job["testbench"]))
    compiler = os.fork()
    if compiler == 0:
        sandbox.die_with_parent()
        child.shut(_walls(settings))
        tools = Tools(child.icarus, child.job["cpu"])
        act = partial(prepare, sample_of(child.job, loaded.bench), tools, child.report)
        os._exit(not attempt(act, child.report))
    status = os.waitpid(compiler, 0)[1]
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    if status:
        return False
    child.shut(_walls(settings, Path(child.job["testbench"])))
    child.address()
    return True


def _walls(settings: dict, starting: Path | None = None) -> int | None:
    """The rule set of one sample; while its simulation is `starting` with a testbench, Python
    must be able to read that and this package."""
    if settings["unsafe"]:
        return None
    may_read = readable(Icarus.from_dict(settings["icarus"]))
    may_list = listable()
    if starting is not None:
        package = Path(__file__).parents[2]
        may_read += [
            *(package / room for room in ("_util", "bench", "grader", "verilog")),
            *package.glob("*.py"),
            *testbench_files(starting), Path(os.environ["GPI_USERS"].split(";")[0]),
            Path(os.path.realpath(sys.executable)), Path(sys.executable),
            Path(sys.prefix, "pyvenv.cfg"),
        ]  # fmt: skip
        may_list.append(starting.parent)
    return sandbox.make_ruleset(may_read, [Path(settings["folder"])], may_list)


def resume() -> None:
    """Inside the simulator: take up what `main` left in the environment."""
    settings = json.loads(os.environ.pop(VARIABLE))
    channel = socket.socket(fileno=settings["socket"])
    child = Child(
        settings["job"], Icarus.from_dict(settings["icarus"]), channel, Path(settings["folder"])
    )
    if not attempt(partial(_resumed, child, settings), child.report):
        os._exit(0)


def _resumed(child: Child, settings: dict) -> bool:
    loaded = testbench.load_testbench(Path(child.job["testbench"]))
    child.report({"crashed": False})
    sandbox.enter(_walls(settings))  # time has not begun: only initialisers of the design ran
    logging.disable(logging.CRITICAL)
    child.tell(loaded)
    child.hand_over(loaded)
    if "waves" in settings["job"]:
        regression.to_the_end = True
        os.dup(settings["socket"])  # Python ends before the simulator closes its file
    sandbox.forbid_processes_and_sockets()
    return True


if __name__ == "__main__":
    main()

__all__ = ["DirectWorker", "main", "resume"]
