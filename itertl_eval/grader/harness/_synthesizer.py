"""Run a harness's Yosys script on a design and count what is left; runs alone, in the sandbox.

Reads job.json (`pyosys`: its folder, `passes`: lines of a Yosys script, `top`); writes counts.json
and netlist.v, the design as Yosys reads it. It must not import the package: the sandbox lets it
read nothing of it. Counts are taken from the netlist itself: a design can print to Yosys's log.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

_READING = ("read_verilog", "read ", "verilog_defaults")


def load(folder: str) -> Any:
    """Import pyosys from its folder; the folders above it can't be listed."""
    spec = importlib.util.spec_from_file_location(
        "pyosys", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["pyosys"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    from pyosys import libyosys

    return libyosys


def counts(design: Any, module: Any) -> dict[str, int]:
    """Return what a module holds, with that of its submodules in place of their instances.

    Raises:
        SystemExit: A submodule is a black box.
    """
    found = {
        "wires": len(module.wires_),
        "cells": len(module.cells_),
        "memories": len(module.memories),
        "processes": len(module.processes),
    }
    for cell in module.cells_.values():
        if (inner := design.module(cell.type)) is not None:
            if inner.get_blackbox_attribute():
                raise SystemExit(f"ERROR: {inner.name} is a black box")
            found["cells"] -= 1
            for kind, count in counts(design, inner).items():
                found[kind] += count
    return found


def main() -> None:
    """Run the script, count, and write down how Yosys has read the design."""
    job = json.loads(Path("job.json").read_text(encoding="utf-8"))
    library = load(job["pyosys"])
    Path("begun").touch()
    design = library.Design()
    for line in job["passes"]:
        library.run_pass(line, design)
    top = design.module(library.IdString(f"\\{job['top']}"))
    if top is None:
        raise SystemExit(f"ERROR: no module {job['top']} is left")
    found = counts(design, top)
    reading = library.Design()
    shown = [line for line in job["passes"] if line.startswith(_READING)]
    # Without X: what depends on an unknown value differs from a simulation of the design itself.
    known = ["proc", "setundef -undriven -init -random 1", "write_verilog -noattr netlist.v"]
    for line in [*shown, f"hierarchy -check -top {job['top']}", *known]:
        library.run_pass(line, reading)
    Path("counts.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
