"""A sample on its way to the simulation, as the processes of a worker hand it on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from itertl_eval.problem import Port

Report = Callable[[dict], None]
DESIGN = "design.vvp"
"""The compiled design, in the folder of whoever works on it."""


@dataclass(frozen=True)
class Sample:
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
    def from_dict(cls, fields: dict) -> Sample:
        return cls(**{**fields, "ports": tuple(Port(**port) for port in fields["ports"])})


def clear(folder: Path) -> None:
    """Remove what lies in a folder: a few files as a rule, and whatever else a sample has made."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 (Path is slower)


def attempt(act: Callable[[], bool], report: Report) -> bool:
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
