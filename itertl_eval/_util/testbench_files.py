"""testbench_files."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path


def testbench_files(testbench: Path) -> list[Path]:
    """A testbench and its helper modules.

    Helpers are all modules of a task's own folder, and in a folder of many testbenches the
    modules beside it that it imports, directly or through one another.
    """
    own_folder = (testbench.parent / "problem.yaml").exists()
    files = set(testbench.parent.glob("*.py")) if own_folder else {testbench}
    waiting = [] if own_folder else [testbench]
    while waiting:
        found = _imported(waiting.pop()) - files
        files |= found
        waiting += found
    return sorted(files)


def testbench_digest(testbench: Path | None) -> str:
    """Hash of a testbench and of its helper modules; empty without a testbench."""
    if testbench is None:
        return ""
    digest = hashlib.sha256()
    for file in testbench_files(testbench):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _imported(file: Path) -> set[Path]:
    """The modules in the folder of `file` that it imports, wherever in its text."""
    try:
        nodes = list(ast.walk(ast.parse(file.read_bytes())))
    except SyntaxError:
        return set()  # told when it is loaded
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    beside = {file.with_name(f"{name.partition('.')[0]}.py") for name in names}
    return {path for path in beside if path.is_file()}
