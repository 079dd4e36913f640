"""Files that a command writes: refused before the work if they can't be."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from itertl_eval.errors import InfrastructureError, UsageError


def require_writable(option: str, path: Path, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse a file that can't be written, before the work whose result it is for.

    Args:
        inputs: What the command reads, which it must not overwrite; not all are files.

    Raises:
        UsageError: Its folder is read-only, or it is a folder itself, or one of the inputs.
    """
    if any(path.resolve() == Path(each).resolve() for each in inputs):
        raise UsageError(f"{option} {path} would overwrite what is read; choose another file")
    new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{option} {path} can't be written: {error.strerror}; choose another file"
        ) from None
    open_output(option, path).close()
    if new:
        path.unlink()


def open_output(option: str, path: Path) -> TextIO:
    """Open a file for appending, locked while this process writes to it.

    Raises:
        UsageError: It can't be written, or another process is writing to it.
        InfrastructureError: No file can be locked there.
    """
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{option} {path} can't be written: {error.strerror}; choose another file"
        ) from None
    try:
        hold(file, f"{option} {path}: another process is writing to it; choose another file")
    except BaseException:
        file.close()
        raise
    return file


def hold(file: TextIO, busy: str) -> None:
    """Lock an open file for this process, until it is closed.

    Raises:
        UsageError: Another process holds it; `busy` is the message.
        InfrastructureError: No file can be locked there.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(busy) from None
    except OSError as error:
        raise InfrastructureError(
            f"{file.name} can't be locked ({error.strerror}); use a place on another file system"
        ) from None


def write_whole(path: Path, text: str) -> None:
    """Replace a file's content in one step, making its folder: readers never see a part of it.

    A full disk or a kill leaves the earlier file, or none. A device or a pipe is written to as it
    is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
