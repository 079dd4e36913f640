"""A run's folder: what is done, what goes on where, and what may not change under it.

Each phase of a run has a folder of its own. Rows are appended as they come, files are renamed
into place, and a DONE file, written last, holds the hash of the phase's inputs. A kill at any
moment loses at most the row or the update in flight.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import UsageError

DONE = "DONE"
RECIPE = "recipe.json"
Row = dict[str, Any]


def digest(value: Any) -> str:
    """SHA-256 of a JSON value, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def write_atomic(path: Path, text: str) -> None:
    """Replace a file's content in one step; readers see the old or the new text, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


class Rows:
    """An append-only JSON lines file. A torn last line, left by a kill, is cut off on opening."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def read(self) -> list[Row]:
        """All whole rows, in order; none when the file is missing."""
        return list(self)

    def __iter__(self) -> Iterator[Row]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield json.loads(line)

    def append(self, rows: Iterable[Row]) -> None:
        """Write rows through to the disk; they are there when this returns."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _repair(self.path)
            self._file = self.path.open("ab")
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        self._file.write(text.encode("utf-8", errors="surrogatepass"))
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _repair(path: Path) -> None:
    if not path.exists():
        return
    with path.open("rb+") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        if end != size:
            file.truncate(end)


class Phase:
    """One step of a run: a folder, and the facts that its result follows from.

    `model` is for whoever does the step to run while the model computes; what is left of the
    phase's wall time is overhead.
    """

    def __init__(self, folder: Path, inputs: Mapping[str, Any]) -> None:
        self.folder = folder
        self.inputs = digest(dict(inputs))
        self.model = Stopwatch()
        self.ran = False  # by this process, now
        self.began = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def done(self) -> bool:
        """True when this phase has been finished from the same inputs.

        Raises UsageError when it was finished from others: something under it has changed.
        """
        file = self.folder / DONE
        if not file.exists():
            return False
        if json.loads(file.read_text())["inputs"] != self.inputs:
            raise UsageError(
                f"{self.folder} was made from other inputs than there are now. "
                "Use a new run_dir, or delete this folder and those that follow it."
            )
        return True

    @property
    def result(self) -> Row:
        """What `finish` was given."""
        return json.loads((self.folder / DONE).read_text())["result"]

    @property
    def seconds(self) -> dict[str, float]:
        """How long the finished phase took: {"wall", "model"}; of its last start, if killed."""
        found = json.loads((self.folder / DONE).read_text())
        return found.get("seconds", {"wall": 0.0, "model": 0.0})  # not in folders of old versions

    def finish(self, **result: Any) -> None:
        seconds = {"wall": time.monotonic() - self.began, "model": self.model.seconds}
        facts = {"inputs": self.inputs, "result": result, "seconds": seconds}
        write_atomic(self.folder / DONE, json.dumps(facts, indent=1))
        self.ran = True

    def rows(self, name: str) -> Rows:
        return Rows(self.folder / name)


class RunFolder:
    """The folder of a whole run, tied to one recipe and used by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run. Raises UsageError when another live process does."""
        with (self.folder / "lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(f"another process is working in {self.folder}") from None
            yield

    def bind(self, facts: Mapping[str, Any]) -> None:
        """Tie the folder to a recipe, unless it is tied to one."""
        path = self.folder / RECIPE
        if not path.exists():
            write_atomic(path, json.dumps(dict(facts), indent=1, sort_keys=True) + "\n")

    def check(self, facts: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> None:
        """Raise UsageError, with the difference, when the folder is tied to another recipe.

        `defaults` stand for fields that did not exist yet when the folder was begun.
        """
        path = self.folder / RECIPE
        if not path.exists():
            return
        before = {**(defaults or {}), **json.loads(path.read_text())}
        changed = [
            f"  {key}: {json.dumps(before.get(key))} -> {json.dumps(facts.get(key))}"
            for key in sorted({*before, *facts})
            if before.get(key) != facts.get(key)
        ]
        if changed:
            raise UsageError(
                f"{self.folder} was started with another recipe:\n" + "\n".join(changed) + "\n"
                "Take the change back to go on with it, or choose another --run_dir."
            )

    def phase(self, name: str, **inputs: Any) -> Phase:
        return Phase(self.folder / name, inputs)
