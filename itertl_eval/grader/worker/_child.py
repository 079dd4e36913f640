"""_child."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from itertl_eval.bench import TIMESCALE, Bench, harness_text, use_packed_player
from itertl_eval.grader._job import CompileJob
from itertl_eval.grader.compile import Icarus
from itertl_eval.grader.isolation import sandbox
from itertl_eval.grader.simulation import Testbench, regression, wrapper
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


def root_of(job: dict) -> str:
    """Return the simulation's top level: the player, or without a Bench the wrapper."""
    return f"{prefix_of(job)}_top"


def sample_of(job: dict, bench: Bench | None) -> CompileJob:
    """What is to be compiled for a job."""
    prefix, ports = prefix_of(job), tuple(Port(*port) for port in job["ports"])
    if bench is None:
        module = wrapper.wrapper_text(job["top"], ports, job["parameters"], prefix)
        prelude = f"{TIMESCALE}\n{module}"
    else:
        prelude = harness_text(bench.interface, job["top"], job["parameters"], prefix)
    return CompileJob(
        source=job["source"],
        top=job["top"],
        ports=ports,
        prelude=prelude,
        root=root_of(job),
        instance=f"{root_of(job)}.{prefix}_dut",
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

    def address(self) -> None:
        """Leave word for cocotb's start."""
        os.environ["COCOTB_TOPLEVEL"] = root_of(self.job)
        os.environ["COCOTB_RANDOM_SEED"] = str(self.job["seed"])

    def tell(self, loaded: Testbench) -> None:
        """Leave word for regression.run, which cocotb calls when the simulation starts."""
        bench, job, prefix = loaded.bench, self.job, prefix_of(self.job)
        if bench is None:
            names = [name for name, _, _ in job["ports"]]
            regression.setup = lambda top: wrapper.use_wrapper(top, prefix, job["top"], names)
        else:
            interface = bench.interface
            regression.setup = lambda top: use_packed_player(top, prefix, interface)
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
