"""Give a package its public names without importing the modules that define them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def lazy_names(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Make a module's `__getattr__` that imports each name when it is first used.

    Args:
        package: The package's `__name__`.
        names: For each module of the package the public names that come from it.

    Returns:
        A function to be bound to `__getattr__` (PEP 562).
    """
    homes = {name: module for module, found in names.items() for name in found}

    def __getattr__(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        vars(sys.modules[package])[name] = found  # the next use costs nothing
        return found

    return __getattr__
