"""Run a harness's Yosys script on a design and count what is left; runs alone, in the sandbox.

Reads job.json (`pyosys`: its folder, `passes`: lines of a Yosys script, `top`, `settings`: values
of the parameters of `top`, `macros`); writes counts.json and, for each setting, netlist_N.v: the
design as Yosys reads it. It must not import the package: the sandbox lets it read nothing of it.
Counts are taken from the netlist itself: a design can print to Yosys's log.
"""

from __future__ import annotations

import importlib.util
import json
import re
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


def declared(values: Any) -> str:
    """Return declarations of parameters: a netlist has none, and tests may read them."""
    lines = []
    for name, value in values.items():
        bits = value.as_string()
        text = str(value.as_int(True)) if len(bits) == 32 else f"{len(bits)}'b{bits}"
        lines.append(f"\n  parameter {str(name).removeprefix(chr(92))} = {text};")
    return "".join(lines)


def read(library: Any, job: dict[str, Any], setting: dict[str, str]) -> str:
    """Return the design as Yosys reads it, with these values of its parameters."""
    design, top = library.Design(), job["top"]
    for line in [*job["macros"], *filter(lambda line: line.startswith(_READING), job["passes"])]:
        library.run_pass(line, design)
    for name, value in setting.items():
        library.run_pass(f"chparam -set {name} {value} {top}", design)
    module = design.module(library.IdString(f"\\{top}"))
    parameters = declared(module.parameter_default_values) if module else ""
    # Without X: what depends on an unknown value differs from a simulation of the design itself.
    known = ["proc", "setundef -undriven -init -random 1", "write_verilog -noattr netlist.v"]
    for line in [f"hierarchy -check -top {top}", *known]:
        library.run_pass(line, design)
    text = Path("netlist.v").read_text(encoding="utf-8", errors="replace")
    head = re.compile(rf"^module \\?{re.escape(top)} ?(\(.*?\))?;", re.DOTALL | re.MULTILINE)
    return head.sub(lambda found: found[0] + parameters, text, count=1)


def main() -> None:
    """Run the script, count, and write down how Yosys has read the design."""
    job = json.loads(Path("job.json").read_text(encoding="utf-8"))
    library = load(job["pyosys"])
    Path("begun").touch()
    design = library.Design()
    for line in [*job["macros"], *job["passes"]]:
        library.run_pass(line, design)
    top = design.module(library.IdString(f"\\{job['top']}"))
    if top is None:
        raise SystemExit(f"ERROR: no module {job['top']} is left")
    Path("counts.json").write_text(json.dumps(counts(design, top)), encoding="utf-8")
    for number, setting in enumerate(job["settings"]):
        text = read(library, job, setting)
        Path(f"netlist_{number}.v").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
