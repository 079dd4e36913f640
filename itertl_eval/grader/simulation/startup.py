"""Initialise cocotb: before any fork what needs no design, and the rest in the simulation.

cocotb calls `initialize` as an entry point in place of its own initialisation, then
`regression.run`.
"""

from __future__ import annotations

import hashlib
import logging
from types import SimpleNamespace
from typing import Any

import cocotb
import cocotb._init
from cocotb.task import Task
from pygpi import entry

from itertl_eval.grader.simulation import regression


def prepare() -> None:
    """Do the part of cocotb's initialisation that needs no design, before any fork."""
    for part in (cocotb.preview, cocotb._shutdown, cocotb.logging, cocotb._profiling):
        part._init()
    cocotb._init.log = logging.getLogger("cocotb.initialize")
    cocotb.log = logging.getLogger("test")
    cocotb.log.setLevel(logging.INFO)
    cocotb.is_simulation = True
    # What each process would otherwise be the first to ask for.
    _ = Task[None]
    hashlib.sha1(b"").hexdigest()


def initialize() -> None:
    """Entry point: the rest of cocotb._init.init_package_from_simulation, after `prepare`."""
    simulator, init = cocotb.simulator, cocotb._init
    cocotb.simtime._init()
    cocotb.argv = simulator.get_simulator_args()
    cocotb.SIM_NAME = simulator.get_simulator_product().strip()
    cocotb.SIM_VERSION = simulator.get_simulator_version().strip()
    init._process_plusargs()
    del cocotb.tops
    vars(cocotb)["__getattr__"] = _root
    cocotb.packages = _Packages()


def _root(name: str) -> Any:
    """Make `cocotb.top` and `cocotb.tops` when they are first used; a Bench needs neither."""
    if name not in ("top", "tops"):
        raise AttributeError(f"module 'cocotb' has no attribute {name!r}")
    del vars(cocotb)["__getattr__"]
    cocotb.tops = {}
    cocotb._init._setup_root_handle()
    return getattr(cocotb, name)


class _Packages(SimpleNamespace):
    """`cocotb.packages`, filled when a testbench first asks for it.

    cocotb visits all packages at the start. On Icarus 12 it dies over a name of one letter, and
    hardly any testbench looks at the packages of a design.
    """

    def __getattr__(self, name: str) -> Any:
        cocotb._init._process_packages()
        return getattr(cocotb.packages, name)


def shorten() -> None:
    """Have cocotb call `initialize` and `regression.run` without looking for them."""
    entry.load_entry = _begin


def _begin() -> None:
    initialize()
    regression.run()
