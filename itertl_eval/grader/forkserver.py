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
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from itertl_eval.bench import Bench
from itertl_eval.bench._player import use_packed_player
from itertl_eval.grader import placement, regression, sandbox, testbench
from itertl_eval.grader.harness import TIMESCALE, chunk_steps, harness_text
from itertl_eval.grader.icarus import Icarus
from itertl_eval.grader.preparer import Preparer
from itertl_eval.grader.sample import DESIGN, Sample, attempt, clear
from itertl_eval.grader.testbench import Testbench
from itertl_eval.grader.watch import Watch
from itertl_eval.problem import Port


def readable(icarus: Icarus) -> list[Path]:
    """What a sample's process may read: tools and libraries, never this package's own files,
    for beside the code lie the references."""
    paths = [Path(path) for path in sandbox.SYSTEM]
    paths += [Path(icarus.base), Path(icarus.vvp), Path("/dev/null"), Path("/dev/urandom")]
    for entry in map(Path, sys.path):
        packages = entry.name in _PACKAGES
        if not entry.is_dir() or ((entry / "itertl_eval").exists() and not packages):
            continue
        if any((entry / inner / "itertl_eval").exists() for inner in ("", *_PACKAGES)):
            skipped = {"itertl_eval", *_PACKAGES}
            paths += [child for child in entry.iterdir() if child.name not in skipped]
        else:  # one rule in place of hundreds, which each sample's process would have to copy
            paths.append(entry)
    return paths


_PACKAGES = ("site-packages", "dist-packages")


def listable() -> list[Path]:
    """Folders that Python must list to find modules in them."""
    return [Path(entry) for entry in sys.path if entry and Path(entry).is_dir()]


def prefix_of(job: dict) -> str:
    """What every name in the harness begins with; new for each sample."""
    return "n" + job["nonce"]


def root_of(job: dict, bench: Bench | None) -> str:
    """The simulation's top level: the player, or without a Bench the design itself."""
    return f"{prefix_of(job)}_top" if bench else job["top"]


def sample_of(job: dict, bench: Bench | None) -> Sample:
    """What is to be compiled for a job."""
    prelude, instance = TIMESCALE, job["top"]
    if bench is not None:
        prelude = harness_text(bench, job["top"], job["parameters"], prefix_of(job))
        instance = f"{root_of(job, bench)}.{prefix_of(job)}_dut"
    return Sample(
        source=job["source"],
        top=job["top"],
        ports=tuple(Port(*port) for port in job["ports"]),
        prelude=prelude,
        root=root_of(job, bench),
        instance=instance,
        parameters=job["parameters"],
    )


class Child:
    """The sample's own process, up to the start of the simulation."""

    def __init__(self, job: dict, icarus: Icarus, channel: socket.socket, folder: Path) -> None:
        self.job = job
        self.icarus = icarus
        self.folder = str(folder)
        self.others: Any = None
        self._channel = channel

    def report(self, message: dict) -> None:
        self._channel.sendall(json.dumps(message).encode() + b"\n")

    def shut(self, ruleset: int | None) -> None:
        """Go to the sample's folder and shut the doors behind this process."""
        job = self.job
        os.chdir(self.folder)
        for target, path, flags in (
            (0, os.devnull, os.O_RDONLY), (1, "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        ):  # fmt: skip
            opened = os.open(path, flags, 0o600)
            os.dup2(opened, target)
            os.close(opened)
        os.dup2(1, 2)
        sandbox.limit(cpu=job["cpu"], memory=job["memory"], file=job["file"])
        sandbox.enter(ruleset)
        if ruleset is not None:
            sandbox.write_only_below(self.folder)

    def address(self, bench: Bench | None) -> None:
        """Leave word for cocotb's start."""
        os.environ["COCOTB_TOPLEVEL"] = root_of(self.job, bench)
        os.environ["COCOTB_RANDOM_SEED"] = str(self.job["seed"])

    def tell(self, loaded: Testbench) -> None:
        """Leave word for regression.run, which cocotb calls when the simulation starts."""
        bench = loaded.bench
        regression.setup = None
        if bench is not None:
            prefix, chunk = prefix_of(self.job), chunk_steps(bench)
            regression.setup = lambda top: use_packed_player(top, prefix, bench, chunk)
        regression.report = self.report
        regression.manager = loaded.manager
        regression.partial = self.job.get("partial", True)

    def hand_over(self, loaded: Testbench) -> None:
        """Make the testbench known by its name and start the clock."""
        sys.modules[loaded.module.__name__] = loaded.module
        if loaded.bench is None:
            sys.path.insert(0, str(Path(self.job["testbench"]).parent))
        self.report({"stage": "simulate"})
        sandbox.stop_after(self.job["simulation"])
        regression.began = time.process_time()


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
            loaded = testbench.load(Path(job["testbench"]))
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
            child.address(bench)
            child.tell(loaded)
            others = mine, master, requests, preparer
            numbers = mine.fileno(), master.fileno(), *preparer.files()
            placement.stay()
            pid = _fork()
            placement.roam()
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


__all__ = ["Child", "readable", "serve"]
