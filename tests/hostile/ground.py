"""The folder that no design may read or change, and what a design left where it may not."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import itertl_eval
from itertl_eval.grader import find_icarus
from tests.hostile.corpus import HERE

MARK = f"hostile_{secrets.token_hex(6)}"
"""In the name of every file that a design tries to leave behind."""


@dataclass
class Ground:
    """A folder that no design may read or change."""

    root: Path
    before: dict[str, str] = field(default_factory=dict)

    def lay_out(self) -> None:
        (self.root / "outside").mkdir()
        (self.root / "secret.txt").write_text("5a\n")
        (self.root / "secret.svh").write_text("  assign y = a + b;\n")
        self.before = self.look()

    def look(self) -> dict[str, str]:
        """Every path below the root with a hash of its contents."""
        return {
            str(path.relative_to(self.root)): hashlib.sha256(path.read_bytes()).hexdigest()
            if path.is_file()
            else ""
            for path in sorted(self.root.rglob("*"))
        }

    def places(self, name: str) -> dict[str, str]:
        reference = itertl_eval.load_suite("rtl_core")["simple_alu"].testbench
        assert reference is not None
        return {
            "SECRET": str(self.root / "secret.txt"),
            "SECRET_DIR": str(self.root),
            "SECRET_SVH": str(self.root / "secret.svh"),
            "OUTSIDE": str(self.root / "outside"),
            "TESTBENCH": str(HERE / "bench_adder.py"),
            "GRADER": str(itertl_eval.__file__),
            "REFERENCE": str(reference.parent / "reference.sv"),
            "ICARUS": find_icarus().base,
            "CWD": str(Path.cwd()),
            "PLANTED": f"{MARK}_write_parent",
            "MARK": f"{MARK}_{name}",
        }


def leftovers(name: str, ground: Ground) -> list[str]:
    """Files that design `name` left where it should not have been able to."""
    places = {Path.cwd(), Path.home(), Path("/var/tmp"), *_shared(), ground.root / "outside"}
    places |= {folder / "work" for folder in worker_folders()}
    places |= {folder / "site" for folder in worker_folders()} | set(worker_folders())
    found: list[str] = []
    for place in places:
        if place.is_dir():
            found += [
                str(file) for file in place.iterdir() if file.name.startswith(f"{MARK}_{name}")
            ]
    return found


def _shared() -> list[Path]:
    return [Path("/tmp"), Path(tempfile.gettempdir()), Path("/dev/shm")]


def worker_folders() -> list[Path]:
    pattern = f"itertl-{os.getpid()}-*"
    return [folder for place in set(_shared()) if place.is_dir() for folder in place.glob(pattern)]


def own_processes() -> list[int]:
    """Processes that work in, or were started for, a worker folder of this process."""
    mark = f"itertl-{os.getpid()}-".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            where = str((entry / "cwd").readlink()).encode()
            if mark in where or mark in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue  # gone, or somebody else's
    return found
