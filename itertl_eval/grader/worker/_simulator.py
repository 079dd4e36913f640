"""What a worker's simulator process starts with: its folder, environment and settings."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

from itertl_eval.errors import InfrastructureError
from itertl_eval.grader.compile import Icarus

_SIMULATION = "itertl_eval.grader.simulation"
DIRECT_USERS = (
    f"{_SIMULATION}.startup:prepare",
    f"{_SIMULATION}.startup:initialize",
    "itertl_eval.grader.worker._direct:resume",
    f"{_SIMULATION}.regression:run",
)
"""What cocotb calls when a simulation starts in a new process."""
FORKED_USERS = (f"{_SIMULATION}.startup:initialize", f"{_SIMULATION}.regression:run")
"""The same in a child of the fork server, where cocotb is half initialised."""


@dataclass(frozen=True)
class WorkerSettings:
    """What a worker's process gets from its owner.

    `socket` is the descriptor of its channel, `folder` where samples have theirs, `cache` the
    user's cache folder. With `unsafe` there is no sandbox.
    """

    socket: int
    folder: str
    cache: str
    icarus: Icarus
    unsafe: bool


def scratch_folder() -> Path:
    """Make a new private folder for one worker, on tmpfs if there is one.

    Its name holds the owner's process id; folders of owners that no longer run are removed.
    """
    shared = Path("/dev/shm")
    parent = Path(tempfile.gettempdir())
    if os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 256 << 20:
        parent = shared
    for stale in parent.glob("itertl-*-*"):
        owner = stale.name.split("-")[1]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc/self").exists():
            shutil.rmtree(stale, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"itertl-{os.getpid()}-", dir=parent))


@cache
def _cocotb_paths() -> tuple[str, str, str]:
    import cocotb_tools.config
    import find_libpython

    library = find_libpython.find_libpython()
    if library is None:
        raise InfrastructureError(
            "This Python has no shared library, which cocotb needs. Use the system's Python "
            "with its development package (apt-get install python3-dev), or one built with "
            "--enable-shared (PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install ...)."
        )
    entry = cocotb_tools.config.lib_entry("vpi", "icarus")
    return library, entry, _pygpi_entry()


def _pygpi_entry() -> str:
    """Return what cocotb_tools' `pygpi_entry_point` does, without importing all of cocotb."""
    import cocotb_tools.config

    package = importlib.util.find_spec("cocotb")
    places = package.submodule_search_locations if package else None
    found = PathFinder.find_spec("cocotb.simulator", places)
    if found is None or found.origin is None:
        return cocotb_tools.config.pygpi_entry_point()
    return f"{Path(found.origin).resolve()},initialize"


def simulation_environment(*paths: Path, users: tuple[str, ...] = DIRECT_USERS) -> dict[str, str]:
    """Return the whole environment of a simulator with cocotb in it.

    Args:
        paths: Folders at the start of its PYTHONPATH.
        users: What cocotb calls when the simulation starts, in this order.
    """
    library, entry, pygpi = _cocotb_paths()
    package_root = Path(__file__).parents[3]
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, [*paths, package_root])),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYGPI_PYTHON_BIN": sys.executable,
        "GPI_USERS": f"{library};{pygpi}",
        "PYGPI_USERS": ",".join(users),
        "GPI_LOG_LEVEL": "CRITICAL",
        "TOPLEVEL_LANG": "verilog",
        # Or each sample's process would resolve the same functions again, a page fault at a time.
        "LD_BIND_NOW": "1",
        "ITERTL_EVAL_VPI": entry,
    }
