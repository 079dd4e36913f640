"""The sample's own process, up to the start of the simulation."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from itertl_eval._util.wire import dump
from itertl_eval.bench import TIMESCALE, Bench, harness_text, use_packed_player
from itertl_eval.grader._job import CompileJob, Job
from itertl_eval.grader._outcome import Message
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import housekeeping, sandbox
from itertl_eval.grader.simulation import (
    UNUSABLE,
    BrokenTestbench,
    Testbench,
    load_testbench,
    published,
    regression,
    wrapper,
)
from itertl_eval.harness import Simulation

_PACKAGES = ("site-packages", "dist-packages")


def readable(icarus: Icarus) -> list[Path]:
    """Return what a sample's process may read: tools and libraries.

    The files of this package are never among them, because the references lie beside the code.
    """
    paths = [Path(path) for path in sandbox.SYSTEM]
    # No source of random numbers: a design could make its verdict depend on them.
    paths += [Path(icarus.base), Path(icarus.vvp), Path("/dev/null")]
    paths += map(Path, icarus.libraries)
    for entry in map(Path, sys.path):
        packages = entry.name in _PACKAGES
        if not entry.is_dir() or ((entry / "itertl_eval").exists() and not packages):
            continue
        if any((entry / inner / "itertl_eval").exists() for inner in ("", *_PACKAGES)):
            skipped = {"itertl_eval", *_PACKAGES}
            paths += [child for child in entry.iterdir() if child.name not in skipped]
        else:  # one rule instead of hundreds, which each sample's process would have to copy
            paths.append(entry)
    return paths


def listable() -> list[Path]:
    """Return the folders that Python must list to find modules in them."""
    return [Path(entry) for entry in sys.path if entry and Path(entry).is_dir()]


def prefix_of(job: Job) -> str:
    """Return the start of every name in the harness; new for each sample."""
    return "n" + job.nonce


def root_of(job: Job) -> str:
    """Return the simulation's top level: the player, or without a Bench the wrapper.

    The tests of a published harness find everything in the design itself, which is then the root.
    """
    return job.frame.top if job.asked else f"{prefix_of(job)}_top"


def compile_job(job: Job, bench: Bench | None) -> CompileJob:
    """Return what has to be compiled for a job."""
    if job.asked is not None:
        return _bare_job(job, job.asked)
    prefix = prefix_of(job)
    simulated = job.frame.given.top or job.frame.top
    if bench is None:
        module = wrapper.wrapper_text(simulated, job.frame.ports, job.frame.parameters, prefix)
        prelude = f"{TIMESCALE}\n{module}"
    else:
        prelude = harness_text(
            bench.interface, simulated, job.frame.parameters, prefix, second_look=job.second_look
        )
    return CompileJob(
        source=job.source,
        frame=job.frame,
        prelude=prelude,
        root=root_of(job),
        instance=f"{root_of(job)}.{prefix}_dut",
        cpu=job.cpu,
        memory=job.memory,
        file=job.file,
    )


def _bare_job(job: Job, simulation: Simulation) -> CompileJob:
    """Return what has to be compiled where the design is the root of the simulation."""
    values = [f"defparam:{job.frame.top}.{name}={v}" for name, v in simulation.parameters.items()]
    scale = [f"timescale:{simulation.timescale}"] if simulation.timescale else []
    return CompileJob(
        source=job.source,
        frame=job.frame,
        prelude="",
        root=job.frame.top,
        instance=job.frame.top,
        cpu=job.cpu,
        memory=job.memory,
        file=job.file,
        bare=True,
        settings=(*scale, *values),
    )


_replaced: dict[str, str | None] = {}
"""What the variables of the last job have replaced in this process's environment."""


class Child:
    """The steps of a sample's process from its start to the simulation, in this order."""

    def __init__(self, job: Job, icarus: Icarus, channel: socket.socket, folder: Path) -> None:
        self.job = job
        self.icarus = icarus
        self.folder = str(folder)
        self.keep: Any = None
        """What must stay alive, or it would close descriptors that are others by now."""
        self._channel = channel

    def report(self, message: Message) -> None:
        """Send a message to the process that watches this one."""
        self._channel.sendall(dump(message))

    def address(self) -> None:
        """Set the variables that cocotb reads when it starts."""
        for name, value in _replaced.items():  # no job sees the variables of another
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _replaced.clear()
        os.environ["COCOTB_TOPLEVEL"] = root_of(self.job)
        os.environ["COCOTB_RANDOM_SEED"] = str(self.job.seed)
        if environment := self.job.frame.environment:
            _replaced.update({name: os.environ.get(name) for name in environment})
            os.environ.update(environment)

    def enter_sandbox(self, ruleset: int | None) -> None:
        """Go to the sample's folder and give up everything else."""
        job = self.job
        os.chdir(self.folder)
        log_flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for target, path, flags in ((0, os.devnull, os.O_RDONLY), (1, "log", log_flags)):
            opened = os.open(path, flags, 0o600)
            os.dup2(opened, target)
            os.close(opened)
        os.dup2(1, 2)
        sandbox.limit(cpu=job.cpu, memory=job.memory, file=job.file)
        sandbox.enter(ruleset)

    def plan(self, loaded: Testbench) -> None:
        """Tell the regression, which cocotb starts with the simulation, what to run."""
        loaded.install()
        prefix = prefix_of(self.job)
        lean = False
        setup: Callable[[], None] | None = None
        if self.job.asked is not None:
            published.enter(self.job.seed, self.job.asked.plusargs)
        elif loaded.bench is None:
            names = [port.name for port in self.job.frame.ports]
            top = self.job.frame.given.top or self.job.frame.top
            setup = partial(wrapper.use_wrapper, prefix=prefix, top=top, ports=names)
        else:
            assert loaded.manager is not None
            lean = loaded.manager.only_waits and not self.job.most_ns
            setup = partial(
                use_packed_player,
                prefix=prefix,
                interface=loaded.bench.interface,
                second_look=self.job.second_look,
                lean=lean,
            )
        self.report({"stage": "simulate"})
        housekeeping.stop_after(self.job.simulation)
        regression.set_plan(
            regression.SimulationPlan(
                tests=partial(self._tests, loaded),
                send=self.report,
                setup=setup,
                seed=int(self.job.frame.environment.get("COCOTB_RANDOM_SEED", self.job.seed)),
                lean=lean,
                began=time.process_time(),
                partial=self.job.partial,
                to_the_end=self.job.waves is not None,
                order=self.job.order,
                most_ns=self.job.most_ns,
            )
        )

    def _tests(self, loaded: Testbench) -> regression.Regression:
        """Return the tests; import the testbench now if it needs the simulation."""
        if loaded.manager is None:
            try:
                loaded = import_testbench(self.job, simulating=True)
            except BrokenTestbench as error:
                self.report({"broken": f"{UNUSABLE}{error}", "testbench_fault": True})
                os._exit(0)
            loaded.install()
        assert loaded.manager is not None
        if self.job.asked is not None and self.job.asked.tests:
            loaded.manager.keep_tests(self.job.asked.tests)
        return loaded.manager


_path = cache(Path)
"""Each is made once: a Path costs a dozen calls, and as many to compare it with another."""


def import_testbench(job: Job, *, simulating: bool = False) -> Testbench:
    """Import a job's testbench; see `load_testbench`."""
    return load_testbench(
        _path(job.frame.testbench),
        tuple(map(_path, job.frame.files)),
        job.frame.environment,
        simulating=simulating,
        plusargs=job.asked.plusargs if job.asked else None,
    )


def imported(loaded: Testbench) -> Message:
    """Return what an outcome says about the testbench."""
    return {
        "testbench": loaded.digest,
        "depends": loaded.depends,
        "volatile": loaded.volatile,
        "late": loaded.late,
    }


def last_words(log: Path) -> str:
    """Return the end of what simulator and design printed."""
    with contextlib.suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 400))
        return " ".join(file.read(400).decode(errors="replace").split())
    return ""
