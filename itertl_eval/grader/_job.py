"""A sample on its way to the simulation, as the processes of a worker hand it on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from itertl_eval.problem import Port, Problem
from itertl_eval.verilog import expected_ports

Send = Callable[[dict], None]
DESIGN = "design.vvp"
"""The compiled design, in the folder of whoever works on it."""


@dataclass(frozen=True)
class CompileJob:
    """What is to be compiled: the design's text and what stands around it.

    `prelude` stands before the design: the player's source, or only a time scale when the
    design itself is the top level. `instance` is what the compiler calls the design in there.
    """

    source: str
    top: str
    ports: tuple[Port, ...]
    prelude: str
    root: str
    instance: str
    parameters: Mapping[str, int]

    @classmethod
    def from_dict(cls, fields: dict) -> CompileJob:
        return cls(**{**fields, "ports": tuple(Port(**port) for port in fields["ports"])})


def clear(folder: Path) -> None:
    """Remove what lies in a folder: a few files as a rule, and whatever else a sample has made."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 (Path is slower)


def attempt(act: Callable[[], bool], report: Send) -> bool:
    """Do it; what it raises is reported and counts as False."""
    try:
        return act()
    except MemoryError:
        report({"failed": "out of memory"})
    except OSError as error:
        report({"broken": f"{type(error).__name__}: {error}", "again": True})
    except BaseException as error:
        report({"broken": f"{type(error).__name__}: {error}"})
    return False


class Seconds(NamedTuple):
    """Processor seconds of a whole run, and of the simulation in it."""

    run: float
    simulation: float


def make_job(
    problem: Problem, code: str, parameters: dict[str, int], seed: int, limit: Seconds | None = None
) -> dict[str, Any]:
    """The job that a worker runs: one design under one setting of the parameters."""
    limits, ports = problem.limits, expected_ports(problem, parameters)
    return {
        "source": code,
        "top": problem.top,
        "ports": [[port.name, port.direction, port.width] for port in ports],
        "parameters": parameters,
        "testbench": str(problem.testbench),
        "seed": seed,
        "nonce": os.urandom(8).hex(),
        "wall": limits.wall,
        "cpu": ceil(limit.run) if limit else limits.cpu,
        "simulation": limit.simulation if limit else limits.cpu,
        "memory": limits.memory,
        "file": limits.file,
    }
