"""One row of CVDP's files: what it asks for, and how its harness is run.

A row of the non-agentic files has `input`, `output` and `harness.files`; an agentic one `prompt`,
`context`, `patch` and `harness`. Both name the files to write by the keys of an empty mapping.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from itertl_eval._util.paths import cache_folder, filling_folder
from itertl_eval.errors import UsageError
from itertl_eval.harness import Harness, Service
from itertl_eval.verilog import blank

_FOLDER = "src"
"""The folder of the harness's own files, which its services see as /src."""
_MODULE = re.compile(r"\bmodule\s+(?:automatic\s+|static\s+)?([A-Za-z_]\w*)")
_VARIABLE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")
_VERILOG = (".v", ".sv")


@dataclass(frozen=True)
class Row:
    """A row, whichever of the two forms it has.

    `context` and `harness` are texts by path, `targets` the paths of the files to write.
    """

    id: str
    category: str
    difficulty: str
    prompt: str
    context: Mapping[str, str]
    targets: tuple[str, ...]
    harness: Mapping[str, str]


def read_row(row: Mapping[str, Any]) -> Row:
    """Return a row of one of CVDP's code generation files.

    Raises:
        UsageError: It has another form.
    """
    try:
        if "input" in row:
            asked, harness = row["input"], row["harness"]["files"]
            targets = row["output"]["context"]
        else:
            asked, harness, targets = row, row["harness"], row["patch"]
        category, difficulty = row["categories"]
        return Row(
            id=str(row["id"]),
            category=category,
            difficulty=difficulty,
            prompt=asked["prompt"],
            context=dict(asked["context"]),
            targets=tuple(targets),
            harness=dict(harness),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        name = row.get("id", "without id") if isinstance(row, Mapping) else "without id"
        raise UsageError(
            f"row {name} is not a code generation row of CVDP ({type(error).__name__}: {error})"
        ) from None


def harness_of(row: Row) -> Harness:
    """Return the harness of a row; its files are written into the cache folder."""
    refused = ""
    services: tuple[Service, ...] = ()
    try:
        services = tuple(_services(row.harness))
    except ValueError as error:
        refused = str(error)
    tops = [service.environment.get("TOPLEVEL", "") for service in services]
    others = {path: text for path, text in row.context.items() if path not in row.targets}
    known = {name for path, text in others.items() if _is_rtl(path) for name in _modules(text)}
    own = [top for top in tops if top not in known]
    modules = {path: _names(row, path, own) for path in row.targets}
    return Harness(
        folder=_stored(row.harness),
        services=services,
        targets=row.targets,
        modules=modules,
        context=row.context,
        known=tuple(sorted(known)),
        refused=refused,
    )


def _is_rtl(path: str) -> bool:
    return path.startswith("rtl/") and path.endswith(_VERILOG)


def _modules(text: str) -> list[str]:
    return list(dict.fromkeys(_MODULE.findall(blank(text))))


def _names(row: Row, path: str, tops: list[str]) -> tuple[str, ...]:
    """Return the names that the module of a file may have, the likeliest first."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    before = _modules(row.context.get(path, ""))
    names = [stem, *before] if stem in before or not before else [*before, stem]
    return tuple(dict.fromkeys([*names, *(tops if len(row.targets) == 1 else [])]))


def _services(files: Mapping[str, str]) -> Iterator[Service]:
    """Yield the services of docker-compose.yml. Raises ValueError for what can't be run here."""
    try:
        compose = yaml.safe_load(files["docker-compose.yml"])
        services = compose["services"].items()
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ValueError(f"the harness's docker-compose.yml can't be read: {error}") from None
    for name, facts in services:
        script, by_pytest = _script(str(name), facts.get("command"))
        if f"{_FOLDER}/{script}" not in files:
            raise ValueError(f"the harness has no {script}, which its service {name} runs")
        text = files[f"{_FOLDER}/{script}"]
        tools = [tool for tool in ("verilator", "yosys") if tool in text and by_pytest]
        yield Service(
            str(name), script, by_pytest, _environment(files, facts), next(iter(tools), "")
        )


def _script(name: str, command: object) -> tuple[str, bool]:
    """Return the script that a command runs, below /src, and whether pytest runs it."""
    words = [str(w) for w in command] if isinstance(command, list) else shlex.split(str(command))
    if "-c" in words[:-1]:  # sh -c "pytest ..."
        words = shlex.split(words[words.index("-c") + 1])
    while words[:2] == ["pip", "install"] and "&&" in words:  # a package is here or is missed
        words = words[words.index("&&") + 1 :]
    scripts = [posixpath.normpath(word) for word in words[1:] if word.endswith(".py")]
    program = posixpath.basename(words[0]) if words else ""
    if len(scripts) != 1 or not scripts[0].startswith(f"/{_FOLDER}/"):
        raise ValueError(f"the harness's service {name} does not run one script: {command}")
    by_pytest = program in ("pytest", "py.test") or words[1:3] == ["-m", "pytest"]
    if not by_pytest and not program.startswith("python"):
        raise ValueError(f"the harness's service {name} runs {program}")
    return scripts[0].removeprefix(f"/{_FOLDER}/"), by_pytest


def _environment(files: Mapping[str, str], facts: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of a service: those of its env_file, then its own."""
    named = facts.get("env_file") or []
    variables: dict[str, str] = {}
    for file in [named] if isinstance(named, str) else named:
        path = posixpath.normpath(str(file))
        if path not in files:
            raise ValueError(f"the harness has no {path}, which its docker-compose.yml names")
        for line in files[path].splitlines():
            if (found := _VARIABLE.fullmatch(line)) is not None:
                variables[found[1]] = _value(found[2])
    own = facts.get("environment") or {}
    if isinstance(own, list):
        own = dict(str(entry).partition("=")[::2] for entry in own)
    return variables | {str(name): str(value) for name, value in own.items()}


def _value(text: str) -> str:
    """Return a value as Docker reads it: without quotes, or else without a comment after it."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return re.sub(r"\s+#.*", "", text).strip()


def _stored(files: Mapping[str, str]) -> Path:
    """Write the harness's files into the cache once, in a folder that is named by their hash."""
    own = {path: text for path, text in files.items() if path.startswith(f"{_FOLDER}/")}
    digest = hashlib.sha256(repr(sorted(own.items())).encode()).hexdigest()[:24]
    target = cache_folder() / "cvdp" / digest
    if not target.is_dir():
        with filling_folder(target) as partial:
            for path, text in own.items():
                file = partial / posixpath.normpath(f"/{path}").lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    return target / _FOLDER
