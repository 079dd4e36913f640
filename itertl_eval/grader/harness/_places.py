"""The folders of the published container, and where they are here."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

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
