"""The fork server: one simulator process with Python warm, one forked child per sample.

vvp runs the start-up routines of its VPI modules before it opens the design file, and cocotb
starts Python there. A `sitecustomize` that only this process sees (see worker.py) calls
`serve`: it imports everything once, then answers requests. A sample is compiled by the
preparer (preparer.py). For one that compiles a child is forked; it goes to its own folder,
behind the sandbox, and simply returns; vvp then opens ./design.vvp of that folder and runs
ordinary cocotb tests. Nothing of cocotb or vvp is changed.

The parent watches (watch.py) and gives the child's answer back.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import logging
import os
import shutil
import socket
import time
from functools import partial
from pathlib import Path

from itertl_eval.grader._job import DESIGN, attempt, clear
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import Watch, affinity, sandbox
from itertl_eval.grader.simulation import Testbench, regression, testbench
from itertl_eval.grader.worker._child import Child, listable, readable, sample_of
from itertl_eval.grader.worker._compile_server import Preparer


def serve() -> None:
    """Serve requests until the master hangs up. Returns only in a child, ready to simulate."""
    settings = json.loads(os.environ.pop("ITERTL_EVAL_SERVER"))
    folder = Path(settings["folder"])
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the master is gone
        if _serve(settings, folder):
            return
    shutil.rmtree(folder.parent, ignore_errors=True)  # its owner may have been killed
    os._exit(0)


def _serve(settings: dict, folder: Path) -> bool:
    """Answer requests one by one. True in a child that is ready to simulate."""
    master = socket.socket(fileno=settings["socket"])
    icarus = Icarus.from_dict(settings["icarus"])
    for name in ("pygpi.entry", "cocotb._init"):  # what the simulation's start would import
        importlib.import_module(name)
    regression.prepare()
    sandbox.refusing()
    _take_net_memory()
    logging.disable(logging.CRITICAL)  # nobody would read it
    ruleset = None if settings["unsafe"] else _walls(icarus, folder)
    # Apart from the samples' folders, so that no simulation sees what the compiler was given.
    place = folder.parent / "prepare"
    place.mkdir()
    walls = None if settings["unsafe"] else _walls(icarus, place)
    preparer = Preparer(icarus, place, walls, Path(settings["cache"]))
    gc.set_threshold(50_000, 20, 20)
    gc.collect()
    gc.freeze()
    sandbox.trim_memory()
    _send(master, {"ready": os.getpid()})
    requests = master.makefile("rb")
    for count, line in enumerate(requests):
        before = time.process_time()
        job = json.loads(line)
        own = folder / f"s{count}"
        own.mkdir()
        try:
            loaded = testbench.load_testbench(Path(job["testbench"]))
        except testbench.BrokenTestbench as error:
            broken = f"the testbench can't be used: {error}"
            _send(master, {"broken": broken, "cases": [], "timeout": False, "signal": 0})
            continue
        bench = loaded.bench
        try:
            result = preparer.run(job, sample_of(job, bench), master, requests)
        except EOFError:
            break
        if result.pop("prepared", False):
            (preparer.folder / DESIGN).rename(own / DESIGN)
            spent, job["wall"] = result["cpu"], max(0.1, job["wall"] - result["seconds"])
            mine, theirs = socket.socketpair()
            child = Child(job, icarus, theirs, own)
            child.address()
            child.tell(loaded)
            others = mine, master, requests, preparer
            numbers = mine.fileno(), master.fileno(), *preparer.files()
            affinity.stay()
            pid = _fork()
            affinity.roam()
            if pid == 0:
                os.setsid()
                sandbox.die_with_parent()
                for number in numbers:
                    os.close(number)
                child.others = others  # alive, or they would close the same numbers again
                if attempt(partial(_ready, child, loaded, ruleset), child.report):
                    return True
                os._exit(0)
            theirs.close()
            with mine:
                if pid < 0:
                    result |= {"broken": "no process could be started", "again": True}
                else:
                    try:
                        result |= Watch(pid, mine, job, own).run(master)
                    except EOFError:
                        break
            result["cpu"] += spent
        if result.keys().isdisjoint(("finished", "failed", "broken")):
            result["said"] = _last_words(own / "log")
        try:  # rmtree is ten times the work, on pages that a fork has made dear
            clear(own)
            own.rmdir()
        except OSError:
            shutil.rmtree(own, ignore_errors=True)
        # The fork itself is paid for here, not by the child.
        result["cpu"] += time.process_time() - before
        _send(master, result)
    return False


_fork = ctypes.PyDLL(None).fork
"""os.fork without what Python does in the child: renewing locks that no other thread here can hold,
and seeds that are replaced anyway, on a hundred pages. It returns -1 where it fails."""


def _take_net_memory() -> None:
    """Have vvp take the memory of its nets now, where it can be had.

    It takes room for 18,000 nets at a time and writes to all of it: 250 page faults in each
    sample's process otherwise, of which the design's own nets need a few. The function checks
    the size that it is given and aborts over a wrong one, so a child tries it first.
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


def _walls(icarus: Icarus, writable: Path) -> int | None:
    return sandbox.make_ruleset(readable(icarus), [writable], listable())


def _last_words(log: Path) -> str:
    """The end of what simulator and design printed: for people to read, never for a verdict."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 400))
        return " ".join(file.read(400).decode(errors="replace").split())
    return ""


def _ready(child: Child, loaded: Testbench, ruleset: int | None) -> bool:
    """The child's part before the simulation."""
    child.shut(ruleset)
    child.hand_over(loaded)
    sandbox.forbid_processes_and_sockets()
    return True


def _send(channel: socket.socket, message: dict) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


__all__ = ["serve"]
