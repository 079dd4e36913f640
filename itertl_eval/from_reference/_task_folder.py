"""Write, or remove, a task folder around a testbench that was made from a reference."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.output_files import write_whole
from itertl_eval.from_reference._make import RecordedTestbench
from itertl_eval.problem import Port, Problem


def write_task(folder: Path, problem: Problem, made: RecordedTestbench) -> Path:
    """Write problem.yaml, spec.md, reference.sv and the testbench; return the testbench's path."""
    facts: dict[str, Any] = {"top": problem.top, "ports": [*map(_port, problem.ports)]}
    if problem.prompt.header:
        facts["header"] = problem.prompt.header
    facts["tags"] = ["from-reference", *(["power-on"] if made.power_on else [])]
    testbench = folder / f"test_{folder.name}.py"
    files: dict[Path, str] = {
        folder / "problem.yaml": yaml.safe_dump(facts, sort_keys=False, allow_unicode=True),
        folder / "spec.md": problem.prompt.description,
        folder / "reference.sv": problem.reference,
        testbench: made.text,
    }
    for path, text in files.items():
        write_whole(path, text)
    return testbench


def remove_task(folder: Path) -> None:
    """Remove what `write_task` has written; files of others keep their folder."""
    for name in ("problem.yaml", "spec.md", "reference.sv", f"test_{folder.name}.py"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):  # it is not there, or not empty
        folder.rmdir()


def _port(port: Port) -> dict[str, Any]:
    width = {"width": port.width} if port.width > 1 else {}
    return {"name": port.name, "direction": port.direction, **width}


__all__ = ["remove_task", "write_task"]
