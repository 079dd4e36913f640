"""Read task folders: problem.yaml, spec.md, reference and cocotb testbench side by side."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from itertl_eval._util.testbench_files import folder_entries
from itertl_eval.errors import UsageError
from itertl_eval.problem import Given, Limits, ParameterValue, Port, Problem, Prompt, Suite

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast in C, which PyYAML may lack; both are safe."""


class PortFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[A-Za-z_]\w*$")
    direction: Literal["input", "output", "inout"]
    width: int = Field(default=1, ge=1)
    array: str = Field(default="", pattern=r"^(\[-?\d+:-?\d+\])*$")


class LimitsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    wall: float = Field(
        default=30, gt=0, allow_inf_nan=False, description="seconds until a sample is stopped"
    )
    cpu: int = Field(default=20, gt=0, description="seconds of CPU time")
    memory: int = Field(default=1024, gt=0, description="MiB")
    file: int = Field(default=16, gt=0, description="MiB per file")


_NUMBER = re.compile(r"(\d*)'[sS]?([bBoOdDhH])([0-9a-fA-F_]+)")
_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}


def parameter_value(value: object) -> ParameterValue:
    """Return a parameter's value from YAML: a Verilog number is a number, true and false are too.

    Raises:
        ValueError: It is neither a number nor text.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and (number := _NUMBER.fullmatch(value)):
        return int(number[3].replace("_", ""), _BASES[number[2].lower()])
    if isinstance(value, str) and re.match(r"\d*'", value):
        raise ValueError(f"{value!r} is not a number that can be used here; write it out")
    if not isinstance(value, int | float | str):
        raise ValueError("expected a number or a text")
    return value


Value = Annotated[ParameterValue, BeforeValidator(parameter_value)]
WORKING_FILES = {"design.vvp", "log", "defines", "files", "settings", "expanded", "output"}
WORKING_FILES |= {"complaint", "completion.sv"}
"""Names that the grader uses in the folder of a simulation."""
_RESERVED = re.compile(r"(COCOTB_|PYGPI|GPI|ITERTL_EVAL|LD_|PYTHON)")


class ProblemFile(BaseModel):
    """The fields of problem.yaml."""

    model_config = ConfigDict(extra="forbid")
    top: str = Field(pattern=r"^[A-Za-z_]\w*$")
    header: str = Field(default="", description="module header that a completion continues")
    ports: list[PortFile] = Field(min_length=1)
    parameters: list[dict[str, Value]] = Field(default=[{}], min_length=1)
    reference: str | list[str] = "reference.sv"
    testbench: str | None = None
    level: Literal["basic", "intermediate", "advanced"] = "basic"
    tags: list[str] = []
    limits: LimitsFile = LimitsFile()
    equivalent: dict[str, str] = {}
    data: list[str] = []
    readmem: list[str] = []
    environment: dict[str, str] = {}
    given: list[str] = []
    simulate: str = Field(default="", pattern=r"^([A-Za-z_]\w*)?$")
    include: list[str] = []
    defines: dict[str, str | int] = {}

    @field_validator("defines")
    @classmethod
    def _macros(cls, defines: dict[str, str | int]) -> dict[str, str | int]:
        for name, value in defines.items():
            if not re.fullmatch(r"[A-Za-z_]\w*", name) or "\n" in str(value):
                raise ValueError(f"{name!r} must be a macro's name with a value of one line")
        return defines

    @field_validator("readmem")
    @classmethod
    def _no_file_of_ours(cls, names: list[str]) -> list[str]:
        for name in names:
            if Path(name).name in WORKING_FILES:
                raise ValueError(f"{name!r} has the name of a file of the grader; rename it")
        return names

    @field_validator("environment")
    @classmethod
    def _not_ours(cls, environment: dict[str, str]) -> dict[str, str]:
        for name in environment:
            if _RESERVED.match(name):
                raise ValueError(f"{name!r} is set by the grader; choose another name")
        return environment

    @field_validator("ports")
    @classmethod
    def _named_once(cls, ports: list[PortFile]) -> list[PortFile]:
        names = [port.name for port in ports]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"port {name!r} is listed twice")
        return ports


def load_folder_problem(folder: Path, suite: str) -> Problem:
    """Read one task folder as a problem of `suite`.

    Raises:
        UsageError: A file is missing or malformed; the message has file, line and remedy.
    """
    file = folder / "problem.yaml"
    if not file.exists():
        raise UsageError(f"{folder} has no problem.yaml; `itertl-eval new` makes one")
    facts = _facts(file, _text(file))
    names = [facts.reference] if isinstance(facts.reference, str) else facts.reference
    testbench = folder / (facts.testbench or f"test_{folder.name}.py")
    others = sorted(path.name for path in folder.glob("test_*.py"))
    if not testbench.exists() and (facts.testbench or others):
        hint = f"; name {others[0]} there" if others else ""
        raise UsageError(f"{file}: testbench: {testbench} is missing{hint}")
    references = [folder / name for name in names]
    texts = [_text(path) for path in references]
    given = _given(file, facts, "\n".join(texts))
    hidden = [*references, file, folder / "spec.md", folder / f"{folder.name}.yaml"]
    data = [folder / name for name in facts.data]
    readmem = [folder / name for name in facts.readmem]
    for field, paths in (("data", data), ("readmem", readmem)):
        for path in paths:
            if not path.exists():
                raise UsageError(f"{file}: {field}: {path} is missing")
    extra = [entry for path in (*data, *readmem) for entry in _entries(path, hidden)]
    return Problem(
        id=folder.name,
        suite=suite,
        top=facts.top,
        ports=tuple(Port(p.name, p.direction, p.width, p.array) for p in facts.ports),
        prompt=Prompt(description=_text(folder / "spec.md"), header=facts.header),
        reference="\n".join(texts),
        sources=tuple(
            (name, text.count("\n") + 1) for name, text in zip(names, texts, strict=True)
        ),
        testbench=testbench if testbench.exists() else None,
        parameters=tuple(facts.parameters),
        limits=Limits(**facts.limits.model_dump()),
        tags=(facts.level, *facts.tags),
        equivalent=facts.equivalent,
        files=tuple(dict.fromkeys([*folder_entries(folder, hidden), *extra])),
        environment=facts.environment,
        readmem=tuple(readmem),
        given=given,
    )


def _given(file: Path, facts: ProblemFile, reference: str) -> Given:
    """What is compiled with a completion."""
    folder = file.parent
    modules = {Path(name).name: _text(folder / name) for name in facts.given}
    if len(modules) < len(facts.given):
        raise UsageError(f"{file}: given: two files have the same name; rename one")
    includes: dict[str, str] = {}
    for name in facts.include:
        path = folder / name
        if not path.exists():
            raise UsageError(f"{file}: include: {path} is missing")
        found = path.rglob("*") if path.is_dir() else [path]
        root = path if path.is_dir() else path.parent
        includes |= {
            entry.relative_to(root).as_posix(): _text(entry)
            for entry in sorted(found)
            if entry.is_file() and not entry.name.startswith(".")
        }
    for field, texts in (("given", modules), ("include", includes)):
        for name in texts:
            if name in WORKING_FILES:
                raise UsageError(f"{file}: {field}: {name!r} is a file of the grader; rename it")
    defines = {name: str(value) for name, value in facts.defines.items()}
    given = Given(modules, includes, defines)
    if not facts.simulate or facts.simulate == facts.top:
        return given
    from itertl_eval.verilog import slang  # large, and rarely needed here

    ports = slang.ports(reference, facts.simulate, facts.parameters[0], given)
    if ports is None:
        raise UsageError(
            f"{file}: simulate: no file in `given` has a module {facts.simulate} whose ports can "
            "be read"
        )
    return replace(given, top=facts.simulate, ports=ports)


def _entries(path: Path, hidden: Sequence[Path]) -> Sequence[Path]:
    """What a testbench may read of a file or folder that problem.yaml names as data."""
    return folder_entries(path, hidden) if path.is_dir() else [path]


def load_folder(name: str, folder: Path) -> Suite:
    """Return a suite of all task folders in `folder`."""
    folders = sorted(file.parent for file in folder.glob("*/problem.yaml"))
    if not folders:
        raise UsageError(f"no task folders (with a problem.yaml) in {folder}")
    return Suite(name, (load_folder_problem(f, name) for f in folders), revision="1")


def load_tasks(folder: Path) -> Suite:
    """Read one task folder as a suite with one problem, or a folder of task folders."""
    folder = folder.resolve()
    if (folder / "problem.yaml").exists():
        return Suite(folder.name, [load_folder_problem(folder, folder.name)], revision="1")
    return load_folder(folder.name, folder)


def _facts(file: Path, text: str) -> ProblemFile:
    """Parse a problem.yaml. Raises UsageError with the line of each mistake."""
    try:
        content = yaml.load(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        raise UsageError(f"{file}:{line}: invalid YAML: {reason}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{file}: invalid YAML: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"{file}:1: expected fields such as `top: {file.parent.name}`")
    try:
        return ProblemFile.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{file}:{_line(text, e['loc'])}: {'.'.join(map(str, e['loc']))}: {_advice(e)}"
            for e in error.errors()
        ]
        raise UsageError("\n".join(lines)) from None


def _line(text: str, location: Sequence[int | str]) -> int:
    """The line of a field, or of the nearest enclosing field that is present."""
    node, line = yaml.compose(text), 0
    for key in location:
        if isinstance(node, yaml.MappingNode):
            found = [(name, value) for name, value in node.value if name.value == key]
            if not found:
                break
            name, node = found[0]
            line = name.start_mark.line
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            node = node.value[key]
            line = node.start_mark.line
    return line + 1


def _advice(error: Any) -> str:
    """The correction for one validation error."""
    *parents, name = error["loc"]
    models: dict[Any, type[BaseModel]] = {"ports": PortFile, "limits": LimitsFile}
    model = models.get(parents[0]) if parents else ProblemFile
    match error["type"]:
        case "extra_forbidden" if model is not None:
            near = difflib.get_close_matches(str(name), model.model_fields, 1)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(model.model_fields)}"
            return f"no such field; {hint}"
        case "string_pattern_mismatch":
            return f"{error['input']!r} is not a Verilog name (letters, digits and _)"
        case "string_type":
            return f"got {error['input']!r}; put a name in quotes (YAML reads on, off, yes, no)"
        case "missing":
            return "this field is missing"
    return str(error["msg"]).removeprefix("Value error, ")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path} is missing") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None


__all__ = ["load_folder", "load_folder_problem", "load_tasks", "parameter_value"]
