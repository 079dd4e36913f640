"""The folders of the published container, and where they are here."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

HIDING = re.compile(
    r"\b(?:SYNTHESIS|YOSYS|FORMAL|SYSTEMVERILOG|SV_COV_\w+|coverage_block_off)\b"
    r"|\b(?i:verilator)\w*|\btranslate(?=_o(?:ff|n)\b)"
)
"""Macros that tools define and the simulator does not, and comments that only tools obey.

Renamed, they can't hide from a tool what is simulated.
"""
MACROS = ("-D__ICARUS__=1",)
"""What the simulator defines, as options for Verilator and Yosys."""
_ROOT = re.compile(r"(?<![\w.])/(code|src)(?=[/\s\"':]|$)")


def moved(text: str, folder: Path) -> str:
    """Return a text with /code and /src replaced by folders of the same names in `folder`."""
    return _ROOT.sub(lambda found: f"{folder}/{found[1]}", text)


def write(folder: Path, path: str, text: str) -> None:
    """Write a file and the folders above it; a path that leads outside is taken as one inside."""
    file = folder / posixpath.normpath(f"/{path}").lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", errors="replace")


def is_library(folder: str) -> bool:
    """Return whether a folder of `sys.path` holds installed packages."""
    return Path(folder).name in ("site-packages", "dist-packages")
