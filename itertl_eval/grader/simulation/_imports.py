"""Import a testbench apart from all others, and record what it reads."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

_PACKAGES = {"site-packages", "dist-packages"}
_PACKAGE = Path(__file__).resolve().parents[2]
_READING = {"open", "os.listdir", "os.scandir", "ctypes.dlopen"}
_VOLATILE = {
    "subprocess.Popen": "started a program",
    "os.system": "started a program",
    "os.posix_spawn": "started a program",
    "os.exec": "started a program",
    "os.fork": "started a process",
    "socket.connect": "used the network",
}
"""Audit events after which no file tells what a testbench has seen."""


@dataclass
class Record:
    """What importing a testbench has done.

    Attributes:
        modules: The modules that belong to the testbench alone, by name.
        path: `sys.path` afterwards.
        read: Files and listed folders outside the standard library and site-packages.
        volatile: What it did whose outcome no file determines; empty for nothing.
        opened: Absolute paths as they were opened or listed.
    """

    modules: dict[str, ModuleType] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    read: set[Path] = field(default_factory=set)
    volatile: str = ""
    opened: set[str] = field(default_factory=set)


_recording: Record | None = None


@contextmanager
def isolated(testbench: Path, environment: Mapping[str, str]) -> Iterator[Record]:
    """Record what is imported and read inside this block; then undo what it did to the process.

    Modules, `sys.path`, the environment and the working folder are as before afterwards.

    Args:
        testbench: Its folder leads `sys.path`.
        environment: Added to the environment.
    """
    global _recording
    _listen()
    record = Record()
    modules, path = dict(sys.modules), list(sys.path)
    variables, folder = dict(os.environ), Path.cwd()
    sys.path.insert(0, str(testbench.parent))
    os.environ.update(environment)
    importlib.invalidate_caches()
    _recording = record
    try:
        yield record
    finally:
        _recording = None
        record.path = tuple(sys.path)
        _sort_out(modules, record, testbench.parent.resolve())
        sys.path[:] = path
        if dict(os.environ) != variables:
            os.environ.clear()
            os.environ.update(variables)
        if Path.cwd() != folder:
            os.chdir(folder)


def execute(testbench: Path) -> ModuleType:
    """Import a testbench by its path, under the name of its file."""
    spec = importlib.util.spec_from_file_location(testbench.stem, testbench)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[testbench.stem] = module
    spec.loader.exec_module(module)
    return module


def _sort_out(before: Mapping[str, ModuleType], record: Record, folder: Path) -> None:
    """Take the testbench's own modules out of sys.modules, and record their files."""
    for name, module in list(sys.modules.items()):
        if before.get(name) is module:
            continue
        places = _places(module)
        if not places or any(_is_shared(place, folder) for place in places):
            continue
        record.modules[name] = module
        for place in places:
            record.read |= _sources(name, place, module)
        if name in before:
            sys.modules[name] = before[name]
        else:
            del sys.modules[name]
    opened = {Path(path).resolve() for path in record.opened}
    record.read = {path for path in record.read | opened if not _is_shared(path, folder)}


def _places(module: ModuleType) -> list[Path]:
    """Where a module comes from: its file, or the folders of a namespace package."""
    file = getattr(module, "__file__", None)
    if file:
        return [Path(file).resolve()]
    return [Path(place).resolve() for place in getattr(module, "__path__", ())]


def _sources(name: str, place: Path, module: ModuleType) -> set[Path]:
    """The files that a module may import later: its package's, or the one that it is."""
    if place.is_dir():
        return set(place.glob("*.py"))
    if hasattr(module, "__path__") or "." in name:
        return {place, *place.parent.glob("*.py")}
    return {place}


@cache
def _standard() -> tuple[Path, ...]:
    names = ("stdlib", "platstdlib")
    return tuple({Path(sysconfig.get_path(name)).resolve() for name in names})


def _is_shared(place: Path, folder: Path) -> bool:
    """Whether a path belongs to the standard library, to installed packages or to this one."""
    if "__pycache__" in place.parts:
        return True
    if place.is_relative_to(folder):
        return bool(_PACKAGES.intersection(place.relative_to(folder).parts))
    if place.is_relative_to(_PACKAGE) or _PACKAGES.intersection(place.parts):
        return True
    return any(place.is_relative_to(root) for root in (*_standard(), *_SYSTEM))


_SYSTEM = tuple(map(Path, ("/dev", "/proc", "/sys", "/usr", "/lib", "/lib64", "/etc")))
"""Folders whose files are the machine's, not a testbench's."""


@cache
def _listen() -> None:
    """Have Python report what is opened and started. Once: an audit hook can't be removed."""
    sys.addaudithook(_hear)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    record = _recording
    if record is None:
        return
    if event in _READING:
        caller = sys._getframe(1).f_code.co_filename
        path = "." if arguments[0] is None else arguments[0]
        if isinstance(path, str | bytes | os.PathLike) and not (
            event == "os.listdir" and caller.startswith("<frozen importlib")
        ):
            record.opened.add(os.path.abspath(os.fsdecode(path)))
    elif event in _VOLATILE and not record.volatile:
        record.volatile = _VOLATILE[event]
