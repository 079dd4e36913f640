"""Find Yosys (pyosys) and what a sandbox must let it read."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from functools import cache
from pathlib import Path


@cache
def yosys_folder() -> str:
    """Return the folder of pyosys, or "" where it is not installed."""
    spec = importlib.util.find_spec("pyosys")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else ""


@cache
def counting_yosys() -> Path | None:
    """Return the program `yosys` on the PATH if its log has lines such as "Number of cells:".

    CVDP's scripts read such lines; later versions of Yosys print a table instead.
    """
    found = shutil.which("yosys")
    if found is None:
        return None
    with tempfile.TemporaryDirectory(prefix="itertl-yosys-") as own:
        design = Path(own, "design.v")
        design.write_text("module m(input a, output y);\n  assign y = ~a;\nendmodule\n")
        words = [found, "-p", f"read_verilog {design}; stat"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return Path(found).resolve() if "Number of cells:" in shown.stdout else None


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
