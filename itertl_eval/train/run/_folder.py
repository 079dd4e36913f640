"""A run's folder: the state from which a killed run resumes.

Each phase of a run has its own folder. Rows are appended as they come, files are renamed into
place. A BEGUN file, written first, has the hash of the phase's inputs, and a DONE file, written
last, has it again. A kill at any moment loses at most the row or the update in progress.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from itertl_eval._util.output_files import hold, write_whole
from itertl_eval._util.stopwatch import Stopwatch
from itertl_eval.errors import ItertlError, UsageError

BEGUN, DONE = "BEGUN", "DONE"
RECIPE = "recipe.json"
Row = dict[str, Any]
_encode = json.JSONEncoder(ensure_ascii=False).encode


def digest(value: Any) -> str:
    """Return the SHA-256 of a JSON value, independent of the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def parse_row(line: bytes, path: Path) -> Row:
    """Return a whole line of a JSON lines file of a run.

    Raises:
        UsageError: It is damaged: not by a kill, which leaves a line without its end.
    """
    try:
        row: Row = json.loads(line)
    except ValueError:
        raise UsageError(
            f"{path}: a damaged line, {line[:40]!r}: delete it, and {path.parent / DONE} if there "
            "is one, and start again to make anew what it had"
        ) from None
    return row


class Rows:
    """An append-only JSON lines file. A last line torn by a kill is cut off before appending."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def read(self) -> list[Row]:
        """Return all whole rows, in order; none if the file is missing."""
        return list(self)

    def __iter__(self) -> Iterator[Row]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield parse_row(line, self.path)

    def append(self, rows: Iterable[Row]) -> None:
        """Append rows, and return when they are on the disk."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _repair(self.path)
            self._file = self.path.open("ab")
        text = "".join(_encode(row) + "\n" for row in rows)
        self._file.write(text.encode("utf-8", errors="surrogatepass"))
        self._file.flush()
        os.fsync(self._file.fileno())

    def replace(self, rows: Iterable[Row]) -> None:
        """Replace all rows in one step."""
        self.close()
        write_whole(self.path, "".join(f"{json.dumps(row)}\n" for row in rows))

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
    """One step of a run: a folder, and the facts that determine its result.

    Attributes:
        folder: Where its files are.
        inputs: Hash of the facts.
        model: Stopwatch that the step runs while the model computes. The rest of the phase's
            wall time is overhead.
        ran: Whether this process finished it, in this start.
    """

    def __init__(self, folder: Path, inputs: Mapping[str, Any]) -> None:
        self.folder = folder
        self.inputs = digest(dict(inputs))
        self.model = Stopwatch()
        self.ran = False
        self.began = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        if not self.stale and _text(folder / BEGUN) != self.inputs:
            write_whole(folder / BEGUN, self.inputs)

    @property
    def done(self) -> bool:
        """Return whether this phase has been finished from the same inputs.

        Raises:
            UsageError: It was begun from other inputs, so something it depends on changed.
        """
        if self.stale:
            raise UsageError(
                f"{self.folder} was made from inputs that have changed since. "
                "Use a new run_dir, or delete this folder and those that follow it."
            )
        return (self.folder / DONE).exists()

    @property
    def stale(self) -> bool:
        """Return whether something in the folder was made from other inputs."""
        if (self.folder / DONE).exists():
            return bool(self._done_file()["inputs"] != self.inputs)
        begun = _text(self.folder / BEGUN)
        return begun not in ("", self.inputs) and bool(_made(self.folder))

    def renew(self) -> None:
        """Remove what an unfinished phase has made from other inputs, where that costs little."""
        if self.stale and not (self.folder / DONE).exists():
            for path in _made(self.folder):
                path.unlink()
            write_whole(self.folder / BEGUN, self.inputs)

    @property
    def result(self) -> Row:
        """Return the facts that `finish` was called with."""
        result: Row = self._done_file()["result"]
        return result

    @property
    def seconds(self) -> dict[str, float]:
        """Return the time of the finished phase, in its last start if it was killed.

        Returns:
            {"wall", "model"} in seconds.
        """
        unknown = {"wall": 0.0, "model": 0.0}  # in folders of old versions
        seconds: dict[str, float] = self._done_file().get("seconds", unknown)
        return seconds

    def _done_file(self) -> Row:
        found: Row = json.loads((self.folder / DONE).read_text())
        return found

    def finish(self, **result: Any) -> None:
        """Write the DONE file, with facts for the record."""
        seconds = {"wall": time.monotonic() - self.began, "model": self.model.seconds}
        facts = {"inputs": self.inputs, "result": result, "seconds": seconds}
        write_whole(self.folder / DONE, json.dumps(facts, indent=1))
        self.ran = True

    def rows(self, name: str) -> Rows:
        """Return the JSON lines file `name` of this phase."""
        return Rows(self.folder / name)


def _text(path: Path) -> str:
    """Return the text of a file; "" if it is missing, as in folders of old versions."""
    return path.read_text() if path.exists() else ""


def _made(folder: Path) -> list[Path]:
    """Return what a phase has made in its folder."""
    return [path for path in folder.iterdir() if path.name != BEGUN]


class RunFolder:
    """The folder of a whole run, bound to one recipe and used by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for the block. Raises UsageError if another process holds it."""
        with (self.folder / "lock").open("a") as file:
            hold(file, f"another process is working in {self.folder}")
            try:
                yield
            except KeyboardInterrupt as interrupt:  # see `command`
                interrupt.add_note("the same command goes on where it stopped")
                raise

    @contextlib.contextmanager
    def naming_a_full_disk(self) -> Iterator[None]:
        """Turn what libraries raise on a full disk, each its own, into the OSError that it is."""
        try:
            yield
        except (ItertlError, OSError):
            raise
        except Exception as error:
            full = errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.folder)
            room = os.statvfs(self.folder).f_bavail  # torch leaves what it has written, others not
            if room == 0 or f"(os error {errno.ENOSPC})" in str(error):
                raise OSError(*full) from error
            raise

    def bind(self, facts: Mapping[str, Any]) -> None:
        """Bind the folder to a recipe, unless it is bound already."""
        path = self.folder / RECIPE
        if not path.exists():
            write_whole(path, json.dumps(dict(facts), indent=1, sort_keys=True) + "\n")

    def check(
        self,
        facts: Mapping[str, Any],
        defaults: Mapping[str, Any] | None = None,
        free: Collection[str] = (),
        fit: Collection[str] = (),
    ) -> None:
        """Compare a recipe with the one that the folder is bound to.

        Args:
            facts: The recipe.
            defaults: Values of fields that did not exist yet when the folder was made.
            free: Fields that may differ, though older versions bound the folder to them.
            fit: Fields that only a fit uses: they may differ until one has begun.

        Raises:
            UsageError: They differ; the message has the difference.
        """
        path = self.folder / RECIPE
        if not path.exists():
            return
        before = {**(defaults or {}), **json.loads(path.read_text())}
        changed = {key for key in {*before, *facts} if before.get(key) != facts.get(key)}
        changed -= set(free)
        if changed and changed <= set(fit) and not any(map(_made, self.folder.glob("*/fit"))):
            path.unlink()  # nothing was made with the old values; `bind` writes the new ones
            return
        if changed:
            lines = [
                f"  {key}: {json.dumps(before.get(key))} -> {json.dumps(facts.get(key))}"
                for key in sorted(changed)
            ]
            raise UsageError(
                f"{self.folder} was started with another recipe:\n" + "\n".join(lines) + "\n"
                "Undo the change to resume this run, or choose another --run_dir."
            )

    def phase(self, name: str, **inputs: Any) -> Phase:
        """Return the phase in the folder `name`, whose result depends on `inputs`."""
        return Phase(self.folder / name, inputs)
