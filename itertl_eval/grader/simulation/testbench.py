"""Load testbench files: trusted Python that is imported once per worker."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cocotb.regression import Test, TestGenerator

from itertl_eval.bench import Bench
from itertl_eval.grader.simulation.regression import Regression

_loaded: dict[tuple[str, int], Testbench] = {}


@dataclass(frozen=True)
class Testbench:
    """A testbench file, imported."""

    module: ModuleType
    bench: Bench | None
    """The module's Bench, or None when it is a plain cocotb testbench."""

    manager: Regression
    """cocotb's regression manager with the module's tests. It runs them once: a process that is to
    have another run is forked before it starts."""


class BrokenTestbench(Exception):
    """A testbench that can't be used: "FILE:LINE: what is wrong"."""


def load_testbench(path: Path) -> Testbench:
    """A testbench, imported afresh when the file has changed.

    Helper modules beside it are imported from its own folder and forgotten again, so that
    two testbenches may each have their own `helpers.py`. Raises BrokenTestbench.
    """
    key = (str(path), path.stat().st_mtime_ns) if path.exists() else (str(path), 0)
    if key not in _loaded:
        try:
            module = _import(path)
            _require_tests(path, module)
            _loaded[key] = Testbench(module, _bench_of(module), Regression(module))
        except BrokenTestbench:
            raise
        except Exception as error:
            raise BrokenTestbench(_fault(path, error)) from error
    return _loaded[key]


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


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    previous = sys.modules.get(path.stem)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
        if previous is None:
            del sys.modules[path.stem]
        else:
            sys.modules[path.stem] = previous
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if Path(file).parent == path.parent:
                del sys.modules[name]
    linecache.getlines(str(path))  # a failing assertion is shown after the sandbox is shut
    return module


def _bench_of(module: ModuleType) -> Bench | None:
    found = [value for value in vars(module).values() if isinstance(value, Bench)]
    return found[0] if len(found) == 1 else None
