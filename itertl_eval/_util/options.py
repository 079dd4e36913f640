"""Options that several commands share."""

from __future__ import annotations

import argparse
import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from itertl_eval.errors import UsageError


def add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=positive, help="workers (default: one per core)")


def positive(text: str) -> int:
    """Parse a positive integer, for argparse."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a positive integer")
    return int(text)


def natural(text: str) -> int:
    """Parse an integer of at least 0, for argparse."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} must be an integer of at least 0")
    return int(text)


def share(text: str) -> float:
    """Parse a number in 0..1, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 1")
    return value


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
    """
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{option} {path} can't be written: {error.strerror}; choose another file"
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(
            f"{option} {path}: another process is writing to it; choose another file"
        ) from None
    return file
