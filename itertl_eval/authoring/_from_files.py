"""Start a task folder from a design and a cocotb test that exist."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.testbench_files import list_files
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.authoring.soundness import parameters_of
from itertl_eval.errors import UsageError
from itertl_eval.problem import Given, Parameters, Port
from itertl_eval.verilog import slang


@dataclass(frozen=True)
class Extras:
    """What else belongs to a task that starts from files.

    Attributes:
        top: The top module, if the design has several roots.
        beside: Files, and folders of modules, that the test needs beside it.
        given: Files that are compiled with a completion.
        include: Folders of files that the design includes.
        defines: Macros and their values.
        parameters: Values of parameters, for one simulation.
    """

    top: str | None = None
    beside: Sequence[Path] = ()
    given: Sequence[Path] = ()
    include: Sequence[Path] = ()
    defines: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class StartedTask:
    """A new task folder, what was read from the design, and what is still missing."""

    folder: Path
    top: str
    ports: tuple[Port, ...]
    parameters: tuple[str, ...]
    notes: tuple[str, ...] = ()


def new_task_from_files(
    name: str, parent: Path, references: Sequence[Path], test: Path, extras: Extras | None = None
) -> StartedTask:
    """Write a task folder `parent/name` around copies of a design and of its cocotb test.

    The test stays as it is; the modules and packages beside it that it imports come along. Top
    module, ports and parameters are read from the design, and spec.md is a form to fill in.

    Args:
        name: The task's name.
        parent: Where the folder goes.
        references: The design's files.
        test: The cocotb test module.
        extras: What else belongs to the task.

    Raises:
        UsageError: The name is not usable, the folder exists, or a file can't be read.
    """
    extras = extras or Extras()
    texts = {file: _read(file) for file in references}
    _read(test)
    text = "\n".join(texts.values())
    given = _given(extras)
    top = extras.top or _top(text, name, test)
    ports = slang.ports(text, top, extras.parameters, given)
    if not ports or not all(port.width for port in ports):
        raise UsageError(_unreadable(text, top, extras, given))
    parameters = tuple(sorted(parameters_of(text, top, given)))
    copies = _copies(references, test, extras)
    folder = new_task(name, parent)
    for example in ("reference.sv", f"test_{name}.py"):
        (folder / example).unlink()
    for place, file in copies.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    notes = [
        f"the test imports {module}, which is neither beside it nor installed: copy it into "
        f"{folder}, or start again with --beside"
        for module in _missing(folder / test.name)
    ]
    started = StartedTask(folder, top, ports, parameters, tuple(notes))
    names = [file.name for file in references]
    facts = _facts(started, names, test.name, extras)
    (folder / "problem.yaml").write_text(facts, encoding="utf-8")
    (folder / "spec.md").write_text(_specification(name, started), encoding="utf-8")
    return started


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}") from None


def _given(extras: Extras) -> Given:
    """What is compiled with the design, as problem.yaml would say."""
    modules = {file.name: _read(file) for file in extras.given}
    includes = {
        file.relative_to(folder).as_posix(): _read(file)
        for folder in extras.include
        for file in _below(folder)
    }
    return Given(modules, includes, dict(extras.defines))


def _below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    found = sorted(file for file in folder.rglob("*") if file.is_file())
    return [file for file in found if "__pycache__" not in file.parts]


def _copies(references: Sequence[Path], test: Path, extras: Extras) -> dict[Path, Path]:
    """The files to copy, by their places in the task folder."""
    pairs = [(Path(file.name), file) for file in references]
    pairs += [(file.relative_to(test.parent), file) for file in list_files(test)]
    pairs += [(Path("given", file.name), file) for file in extras.given]
    for folder in extras.include:
        pairs += [(Path(folder.name) / file.relative_to(folder), file) for file in _below(folder)]
    imported = _imports(test)
    for entry in extras.beside:
        if not entry.exists():
            raise UsageError(f"{entry} is missing")
        package = entry.is_dir() and entry.name in imported
        root = entry.parent if package or entry.is_file() else entry
        files = _below(entry) if entry.is_dir() else [entry]
        pairs += [(file.relative_to(root), file) for file in files]
    places = [place for place, _ in pairs]
    for place, file in pairs:
        if any(other == place and before != file for other, before in pairs):
            raise UsageError(f"two files would be {place} in the task folder; rename one")
    return dict(zip(places, (file for _, file in pairs), strict=True))


def _imports(test: Path) -> set[str]:
    """The modules and packages that a test imports, anywhere in it."""
    try:
        nodes = list(ast.walk(ast.parse(test.read_bytes())))
    except (SyntaxError, ValueError):
        return set()  # `check` tells where
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {
        node.module
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    return {name.partition(".")[0] for name in names}


def _missing(test: Path) -> list[str]:
    """The modules that a test imports and that can't be found."""
    beside = {entry.name.removesuffix(".py") for entry in test.parent.iterdir()}
    return [root for root in sorted(_imports(test) - beside) if find_spec(root) is None]


def _unreadable(text: str, top: str, extras: Extras, given: Given) -> str:
    """Why the ports of the top module can't be read."""
    compilation, tree = slang.compile_text(text, top, extras.parameters, given)
    first = next((d for d in compilation.getAllDiagnostics() if d.isError()), None)
    reason = f": {slang.message(first, tree)}" if first is not None else ""
    return (
        f"the ports of module {top} can't be read{reason}. Are a file (--given, --include), a "
        "macro (--define) or the value of a parameter (--parameter) missing?"
    )


def _top(text: str, name: str, test: Path) -> str:
    """The one root module, or among several the one that the task or the test is named after."""
    try:
        compilation, _ = slang.compile_text(text)
    except slang.TooDeep:
        raise UsageError("the design is nested too deep to be read") from None
    roots: list[str] = sorted({instance.name for instance in compilation.getRoot().topInstances})
    preferred = [each for each in (name, test.stem.removeprefix("test_")) if each in roots]
    if preferred or len(roots) == 1:
        return str([*preferred, *roots][0])
    found = ", ".join(roots) or "none"
    raise UsageError(f"the design must have one root module (found: {found}); choose with --top")


def _facts(started: StartedTask, references: Sequence[str], test: str, extras: Extras) -> str:
    facts: dict[str, Any] = {
        "top": started.top,
        "ports": [
            {"name": port.name, "direction": port.direction}
            | ({"width": port.width} if port.width > 1 else {})
            | ({"array": port.array} if port.array else {})
            for port in started.ports
        ],
        "reference": references[0] if len(references) == 1 else list(references),
        "testbench": test,
    }
    more = {
        "given": [f"given/{file.name}" for file in extras.given],
        "include": [folder.name for folder in extras.include],
        "defines": dict(extras.defines),
        "parameters": [dict(extras.parameters)] if extras.parameters else [],
    }
    facts |= {name: value for name, value in more.items() if value}
    lines = [yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)]
    if started.parameters and not extras.parameters:
        setting = ", ".join(f"{name}: ..." for name in started.parameters)
        lines += [
            "# One simulation for each setting; without any, the design's own defaults:\n",
            f"# parameters: [{{{setting}}}]\n",
        ]
    return "".join(lines)


def _times(port: Port) -> str:
    return f", array {port.array}" if port.array else ""


def _specification(name: str, started: StartedTask) -> str:
    rows = "".join(
        f"| `{port.name}` | {port.direction} | {port.width}{_times(port)} |  |\n"
        for port in started.ports
    )
    text = (
        f"# {name}\n\nWrite a synthesizable SystemVerilog module `{started.top}`.\n\n"
        f"| Port | Direction | Width | Meaning |\n|---|---|---|---|\n{rows}\n"
    )
    if started.parameters:
        rows = "".join(f"| `{parameter}` |  |\n" for parameter in started.parameters)
        text += f"| Parameter | Meaning |\n|---|---|\n{rows}\n"
    return text + (
        "Describe here what the module does: whatever the test compares must follow from this "
        "text.\n"
    )
