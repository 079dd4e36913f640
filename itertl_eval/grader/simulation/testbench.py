"""Load testbench files: trusted Python, imported once per worker and version of its files."""

from __future__ import annotations

import contextlib
import linecache
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from cocotb.regression import Test, TestGenerator

from itertl_eval._util.testbench_files import (
    Stamp,
    content_digest,
    files_digest,
    is_current,
    list_files,
    stamp_files,
    stamp_of,
)
from itertl_eval.bench import Bench
from itertl_eval.grader.simulation import _imports, published
from itertl_eval.grader.simulation._before_simulation import NeedsSimulation, as_in_simulation
from itertl_eval.grader.simulation.regression import Regression


@dataclass(frozen=True)
class Testbench:
    """A testbench, imported.

    Attributes:
        module: The testbench's module; None if it has to be imported in the simulation.
        bench: The module's Bench, or None if it is a plain cocotb testbench.
        manager: cocotb's regression manager with the module's tests. It runs them once: a process
            that is to have another run is forked before it starts.
        late: Why the testbench has to be imported in the simulation; empty if it does not.
        modules: The modules that belong to this testbench alone, by name.
        path: `sys.path` as the testbench has left it.
        digest: Hash of the testbench's files as they were imported; see `files_digest`.
        depends: Further files and folders that it has read, with a hash of each.
        volatile: What it has done at import whose outcome no file determines; empty for nothing.
        readable: Files and folders that it may read in the sandbox.
    """

    module: ModuleType | None
    bench: Bench | None
    manager: Regression | None
    late: str = ""
    modules: Mapping[str, ModuleType] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    digest: str = ""
    depends: Mapping[str, str] = field(default_factory=dict)
    volatile: str = ""
    readable: tuple[Path, ...] = ()

    def install(self) -> None:
        """Make the testbench's own modules importable in this process."""
        sys.modules.update(self.modules)
        sys.path[:] = self.path


UNUSABLE = "the testbench can't be used: "
"""Starts the message of an infrastructure error for a BrokenTestbench."""


class BrokenTestbench(Exception):
    """A testbench that can't be used: "FILE:LINE: what is wrong"."""


LOADED = 512
"""How many testbenches stay imported; a service that makes them from references sees thousands."""
_loaded: dict[tuple[object, ...], tuple[Stamp, Testbench]] = {}
"""The latest used last."""


def load_testbench(
    path: Path,
    files: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
    *,
    simulating: bool = False,
    plusargs: Sequence[str] | None = None,
) -> Testbench:
    """Import a testbench, afresh if one of its files has changed.

    Each testbench gets its own copies of the modules outside the standard library and
    site-packages, so that two testbenches may each have their own `helpers.py`.

    Args:
        path: The testbench's file.
        files: Files and folders that belong to it; see `list_files`.
        environment: Variables that it finds in its environment.
        simulating: A simulation runs in this process, so that the testbench can ask for its
            top level.
        plusargs: The testbench belongs to a published harness and is simulated with these
            arguments; None for any other testbench.

    Raises:
        BrokenTestbench: The testbench can't be used.
    """
    environment = environment or {}
    arguments = None if plusargs is None else tuple(plusargs)
    key = path, tuple(files), tuple(sorted(environment.items())), simulating, arguments
    if key in _loaded:
        stamp, known = _loaded[key] = _loaded.pop(key)
        if is_current(stamp):
            return known
    try:
        digest = files_digest(path, files)
        stamp = stamp_files(path, files)
        own = list_files(path, files)
    except OSError as error:
        raise BrokenTestbench(f"{path}:1: {error}") from None
    legacy = published.names() if plusargs is not None else contextlib.nullcontext()
    with _imports.isolated(path, environment) as record, legacy:
        loaded = _import(path, digest, simulating, plusargs or ())
    if loaded.bench is not None:
        _ = loaded.bench.single_changes  # once, for all samples
    depends = {str(file): content_digest(file) for file in sorted(record.read) if file not in own}
    loaded = Testbench(
        loaded.module,
        loaded.bench,
        loaded.manager,
        late=loaded.late,
        modules=record.modules,
        path=record.path,
        digest=digest,
        depends=depends,
        volatile=record.volatile,
        readable=_readable(None if loaded.late else path, files or own, depends),
    )
    stamp = tuple(sorted({*stamp, *stamp_of(map(Path, depends))}))
    _loaded[key] = stamp, loaded
    if len(_loaded) > LOADED:
        del _loaded[next(iter(_loaded))]
    return loaded


def _readable(
    imported: Path | None, files: Sequence[Path], depends: Mapping[str, str]
) -> tuple[Path, ...]:
    """What a testbench may still read: not the file itself if it has been imported."""
    others = (*files, *filter(Path.is_file, map(Path, depends)))
    return tuple(other for other in others if other != imported)


def _import(path: Path, digest: str, simulating: bool, plusargs: Sequence[str]) -> Testbench:
    try:
        with as_in_simulation(simulating, plusargs):
            module = _imports.execute(path)
            _require_tests(path, module)
        manager = Regression(module)
    except NeedsSimulation as reason:
        return Testbench(None, None, None, late=str(reason), digest=digest)
    except BrokenTestbench:
        raise
    except Exception as error:
        raise BrokenTestbench(_fault(path, error)) from error
    linecache.getlines(str(path))  # a failing assertion is shown inside the sandbox
    # In a running simulation it is too late for the player: the Bench drives the design itself.
    return Testbench(module, None if simulating else _bench_of(module), manager)


def _require_tests(path: Path, module: ModuleType) -> None:
    if not any(isinstance(value, Test | TestGenerator) for value in vars(module).values()):
        raise BrokenTestbench(
            f"{path}:1: no tests; decorate a coroutine with @cocotb.test(), or with a Bench the "
            "function that gives the stimulus with @bench.case"
        )


def _fault(path: Path, error: Exception) -> str:
    """Where and why a testbench could not be imported."""
    if isinstance(error, SyntaxError):
        return f"{error.filename or path}:{error.lineno}: SyntaxError: {error.msg}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{path}:{frames[-1].lineno if frames else 1}: {type(error).__name__}: {error}"


def _bench_of(module: ModuleType) -> Bench | None:
    found = [value for value in vars(module).values() if isinstance(value, Bench)]
    return found[0] if len(found) == 1 else None
