"""Load testbench files: trusted Python that is imported once per worker."""

from __future__ import annotations

import importlib.util
import linecache
import sys
from pathlib import Path
from types import ModuleType

from itertl_eval.bench import Bench

_loaded: dict[tuple[str, int], ModuleType] = {}


def load(path: Path) -> ModuleType:
    """The module of a testbench, imported afresh when the file has changed.

    Helper modules beside it are imported from its own folder and forgotten again, so that
    two testbenches may each have their own `helpers.py`. Raises whatever the file raises.
    """
    key = (str(path), path.stat().st_mtime_ns)
    if key in _loaded:
        return _loaded[key]
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
    _loaded[key] = module
    return module


def bench_of(module: ModuleType) -> Bench | None:
    """The module's Bench, or None when it is a plain cocotb testbench."""
    found = [value for value in vars(module).values() if isinstance(value, Bench)]
    return found[0] if len(found) == 1 else None
