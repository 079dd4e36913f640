"""Task folders: problem.yaml, spec.md, reference and a cocotb testbench side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from itertl_eval.errors import UsageError
from itertl_eval.problem import Limits, Port, Problem, Prompt, Suite


class PortFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[A-Za-z_]\w*$")
    direction: Literal["input", "output", "inout"]
    width: int = Field(default=1, ge=1)


class LimitsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    wall: float = Field(default=30, gt=0, description="seconds until a sample is stopped")
    cpu: int = Field(default=20, gt=0, description="seconds of processor time")
    memory: int = Field(default=1024, gt=0, description="MiB")
    file: int = Field(default=16, gt=0, description="MiB per file")


class ProblemFile(BaseModel):
    """The fields of problem.yaml."""

    model_config = ConfigDict(extra="forbid")
    top: str = Field(pattern=r"^[A-Za-z_]\w*$")
    ports: list[PortFile] = Field(min_length=1)
    parameters: list[dict[str, int]] = Field(default=[{}], min_length=1)
    reference: str | list[str] = "reference.sv"
    testbench: str | None = None
    level: Literal["basic", "intermediate", "advanced"] = "basic"
    tags: list[str] = []
    limits: LimitsFile = LimitsFile()


def load_problem(folder: Path, suite: str) -> Problem:
    """Read one task folder. Raises UsageError that names the file and what to write instead."""
    file = folder / "problem.yaml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} has no problem.yaml; `itertl-eval new` makes one") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{file}: not readable as YAML: {error}") from None
    try:
        facts = ProblemFile.model_validate(content)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors()]
        raise UsageError(f"{file}:\n  " + "\n  ".join(lines)) from None
    names = [facts.reference] if isinstance(facts.reference, str) else facts.reference
    testbench = folder / (facts.testbench or f"test_{folder.name}.py")
    return Problem(
        id=folder.name,
        suite=suite,
        top=facts.top,
        ports=tuple(Port(p.name, p.direction, p.width) for p in facts.ports),
        prompt=Prompt(description=_text(folder / "spec.md")),
        reference="\n".join(_text(folder / name) for name in names),
        testbench=testbench if testbench.exists() else None,
        parameters=tuple(facts.parameters),
        limits=Limits(**facts.limits.model_dump()),
        tags=(facts.level, *facts.tags),
    )


def load_folder(name: str, folder: Path, revision: str = "1") -> Suite:
    """A suite of all task folders below `folder`."""
    folders = sorted(file.parent for file in folder.glob("*/problem.yaml"))
    if not folders:
        raise UsageError(f"no task folders (with a problem.yaml) in {folder}")
    return Suite(name, (load_problem(f, name) for f in folders), revision=revision)


def load_tasks(folder: Path) -> Suite:
    """One task folder as a suite of one, or a folder of task folders."""
    folder = folder.resolve()
    if (folder / "problem.yaml").exists():
        return Suite(folder.name, [load_problem(folder, folder.name)], revision="1")
    return load_folder(folder.name, folder)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} is missing") from None


__all__: list[Any] = ["load_folder", "load_problem", "load_tasks"]
