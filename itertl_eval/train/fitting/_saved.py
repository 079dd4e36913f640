"""The checkpoints of a fit in progress: find the newest complete one."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

from itertl_eval._util.progress import say
from itertl_eval.train.run import ranks

ZIPPED = (".pt", ".pth", ".bin")
"""Files of torch.save."""
CHECKPOINTS = "checkpoints"
"""Their folder in that of a fit."""
STATE = "trainer_state.json"
"""The file of a checkpoint that is written last, and deleted first."""


def last_checkpoint(folder: Path) -> str | None:
    """Return the newest complete checkpoint.

    Those that a kill left half-written are deleted, and so are damaged ones, which are named.
    """
    found = []
    for checkpoint in folder.glob("checkpoint-*"):
        damaged = None
        try:
            step = json.loads((checkpoint / STATE).read_text("utf-8"))["global_step"]
            damaged = damaged_file(checkpoint)
        except (OSError, ValueError, KeyError):  # the state is written last
            step = None
        if damaged is not None:
            say(f"  {checkpoint} is damaged ({damaged.name} is cut off) and not used")
        if step is None or damaged is not None:
            if ranks.is_main():
                discard(checkpoint)
            continue
        found.append((step, str(checkpoint)))
    return max(found)[1] if found else None


def discard(folder: Path) -> None:
    """Delete a checkpoint, or a folder of them. A kill leaves none that looks complete."""
    for state in folder.rglob(STATE):
        state.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def damaged_file(checkpoint: Path) -> Path | None:
    """Return a file of a checkpoint that is cut off, None if all are complete."""
    for path in sorted(checkpoint.rglob("*")):
        if path.suffix == ".safetensors" and not _whole_safetensors(path):
            return path
        if path.suffix in ZIPPED and not zipfile.is_zipfile(path):
            return path
    return None


def _whole_safetensors(path: Path) -> bool:
    """Return whether a file is as long as its header says."""
    with path.open("rb") as file:
        start = file.read(8)
        size = int.from_bytes(start, "little")
        try:
            header = json.loads(file.read(size))
        except ValueError:
            return False
    ends = [facts["data_offsets"][1] for name, facts in header.items() if name != "__metadata__"]
    return path.stat().st_size == 8 + size + max(ends, default=0)
