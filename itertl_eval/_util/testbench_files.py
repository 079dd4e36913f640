"""Find and hash the files that a testbench consists of."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

_BUILD = {"__pycache__", "sim_build"}
"""Folders of build products, which no testbench depends on."""

Stamp = tuple[tuple[str, int, int], ...]
"""Path, modification time and size of files; they change when the contents do."""

_digests: dict[tuple[Path, tuple[Path, ...]], tuple[Stamp, str]] = {}


def folder_entries(folder: Path, hidden: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files and folders below `folder` that contain none of the `hidden` files.

    Build products and dot files are left out. A folder is returned whole where possible.
    """
    left_out = {path.resolve() for path in hidden}
    found: list[Path] = []
    for entry in sorted(folder.iterdir()):
        path = entry.resolve()
        if path in left_out or entry.name in _BUILD or entry.name.startswith("."):
            continue
        if entry.is_dir() and any(path in other.parents for other in left_out):
            found += folder_entries(entry, hidden)
        else:
            found.append(entry)
    return tuple(found)


def list_files(testbench: Path, entries: Sequence[Path] = ()) -> list[Path]:
    """Return the files that a testbench consists of, sorted.

    Args:
        testbench: The testbench.
        entries: Files and folders that it may read. Without any, its helpers are the modules and
            packages beside it that it imports, directly or through one another.
    """
    return sorted(path for path in _walk(testbench, entries) if not path.is_dir())


def stamp_files(testbench: Path, entries: Sequence[Path] = ()) -> Stamp:
    """Return the stamp of a testbench's files; it also changes when one is added or removed."""
    found = _walk(testbench, entries)
    return stamp_of({*found, *(path.parent for path in found)})


def _walk(testbench: Path, entries: Sequence[Path]) -> set[Path]:
    """The testbench's files, and the folders among them."""
    found = {testbench}
    if entries:
        return found.union(*map(_below, entries))
    waiting = [testbench]
    while waiting:
        more = _imported(waiting.pop(), testbench.parent) - found
        found |= more
        waiting += [path for path in more if path.suffix == ".py"]
    return found


def files_digest(testbench: Path | None, entries: Sequence[Path] = ()) -> str:
    """Return the hash of a testbench's files; empty without a testbench. See list_files."""
    if testbench is None:
        return ""
    key = testbench, tuple(entries)
    stamp, digest = _digests.get(key, ((), ""))
    if not stamp or not is_current(stamp):
        stamp = stamp_files(testbench, entries)
        digest = _digest(testbench.parent, list_files(testbench, entries))
        _digests[key] = stamp, digest
    return digest


def stamp_of(paths: Iterable[Path]) -> Stamp:
    """Return path, modification time and size of each path, zeros for one that is missing."""
    return tuple(sorted(map(_stamp, map(str, paths))))


def is_current(stamp: Stamp) -> bool:
    """Return whether nothing has changed since a stamp was made."""
    return all(_stamp(each[0]) == each for each in stamp)


def content_digest(path: Path) -> str:
    """Return the hash of a file's contents, or of a folder's names; "missing" without either."""
    try:
        if path.is_dir():
            return hashlib.sha256(
                "\0".join(sorted(entry.name for entry in path.iterdir())).encode()
            ).hexdigest()
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def _stamp(path: str) -> tuple[str, int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 (many, and Path is slower)
    except OSError:
        return path, 0, 0
    return path, found.st_mtime_ns, found.st_size


def _digest(folder: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        name = os.path.relpath(file, folder)
        digest.update(name.encode() + b"\0" + _content(file) + b"\0")
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:  # reported where the file is needed
        return type(error).__name__.encode()


def _below(entry: Path) -> set[Path]:
    """The file, or the folder with all files and folders below it."""
    found = {entry}
    for folder, folders, files in os.walk(entry):
        folders[:] = [name for name in folders if name not in _BUILD]
        found.update(Path(folder, name) for name in (*folders, *files))
    return found


def _imported(file: Path, folder: Path) -> set[Path]:
    """The files of the modules and packages in `folder` that `file` imports anywhere."""
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return set()  # reported when the testbench is loaded
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in names} - {""}
    modules = {path for root in roots if (path := folder / f"{root}.py").is_file()}
    return modules.union(*(_below(folder / root) for root in roots if (folder / root).is_dir()))
