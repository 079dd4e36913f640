"""Find Yosys (pyosys) and what a sandbox must let it read."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from functools import cache
from pathlib import Path


@cache
def yosys_folder() -> str:
    """Return the folder of pyosys, or "" where it is not installed."""
    spec = importlib.util.find_spec("pyosys")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else ""


def python() -> str:
    """Return the interpreter itself: a virtual environment's link leads outside the sandbox."""
    return str(Path(sys.executable).resolve())


def readable(program: Path) -> list[str]:
    """Return the files and folders that a program needs which runs Yosys without site-packages."""
    library = Path(
        sysconfig.get_config_var("LIBDIR") or "/", str(sysconfig.get_config_var("INSTSONAME"))
    )
    standard = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
    return [python(), str(library), *sorted(standard), yosys_folder(), str(program)]
