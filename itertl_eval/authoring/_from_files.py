"""Start a task folder from a design and a cocotb test that exist."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.testbench_files import list_files
from itertl_eval.authoring._scaffold import new_task
from itertl_eval.authoring.soundness import parameters_of
from itertl_eval.errors import UsageError
from itertl_eval.problem import Port
from itertl_eval.verilog import slang


@dataclass(frozen=True)
class StartedTask:
    """A new task folder, and what was read from the design."""

    folder: Path
    top: str
    ports: tuple[Port, ...]
    parameters: tuple[str, ...]


def new_task_from_files(
    name: str, parent: Path, references: Sequence[Path], test: Path, top: str | None = None
) -> StartedTask:
    """Write a task folder `parent/name` around copies of a design and of its cocotb test.

    The test stays as it is; the modules and packages beside it that it imports come along. Top
    module, ports and parameters are read from the design, and spec.md is a form to fill in.

    Args:
        name: The task's name.
        parent: Where the folder goes.
        references: The design's files.
        test: The cocotb test module.
        top: The top module, if the design has several roots.

    Raises:
        UsageError: The name is not usable, the folder exists, or a file can't be read.
    """
    texts = {file: _read(file) for file in references}
    _read(test)
    text = "\n".join(texts.values())
    top = top or _top(text, name, test)
    ports = slang.ports(text, top)
    if not ports or not all(port.width for port in ports):
        raise UsageError(f"the ports of module {top} can't be read; write problem.yaml by hand")
    parameters = tuple(sorted(parameters_of(text, top)))
    helpers = list_files(test)
    files = [*references, *helpers]
    names = [file.name for file in references]
    if len(set(names)) < len(names):
        raise UsageError(f"two files of the design have the same name: {', '.join(sorted(names))}")
    folder = new_task(name, parent)
    for example in ("reference.sv", f"test_{name}.py"):
        (folder / example).unlink()
    for file in files:
        target = folder / (file.name if file in texts else file.relative_to(test.parent))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    started = StartedTask(folder, top, ports, parameters)
    facts = _facts(started, names, test.name)
    (folder / "problem.yaml").write_text(facts, encoding="utf-8")
    (folder / "spec.md").write_text(_specification(name, started), encoding="utf-8")
    return started


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}") from None


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


def _facts(started: StartedTask, references: Sequence[str], test: str) -> str:
    facts: dict[str, Any] = {
        "top": started.top,
        "ports": [
            {"name": port.name, "direction": port.direction}
            | ({"width": port.width} if port.width > 1 else {})
            for port in started.ports
        ],
        "reference": references[0] if len(references) == 1 else list(references),
        "testbench": test,
    }
    lines = [yaml.safe_dump(facts, sort_keys=False, allow_unicode=True)]
    if started.parameters:
        setting = ", ".join(f"{name}: ..." for name in started.parameters)
        lines += [
            "# One simulation for each setting; without any, the design's own defaults:\n",
            f"# parameters: [{{{setting}}}]\n",
        ]
    return "".join(lines)


def _specification(name: str, started: StartedTask) -> str:
    rows = "".join(
        f"| `{port.name}` | {port.direction} | {port.width} |  |\n" for port in started.ports
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
