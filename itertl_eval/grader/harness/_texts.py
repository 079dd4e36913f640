"""The text that is compiled for one simulation: files of the completion and of its row."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from itertl_eval.harness import Harness, Simulation
from itertl_eval.problem import Given

_LINE = re.compile(r"\bline (\d+):")
_LITERAL = re.compile(r'"([^"\\\n]+)"')
_VALUE = re.compile(r"(?<==)[^\s]+$")
_INCLUDED = (".v", ".sv", ".vh", ".svh", ".h", ".inc")
_NO_DATA = (*_INCLUDED, ".py", ".md", ".yml")
_WORKING = "/code/rundir"
"""The folder in which a harness simulates; relative names of files begin here."""
_CLOSING = "\n/**/\n"
"""Ends each file, and with it a comment that a completion may have left open."""


class MissingFile(Exception):
    """A file that a simulation compiles and nobody has written; `asked` tells who should have."""

    def __init__(self, path: str, asked: bool) -> None:
        super().__init__(path)
        self.asked = asked


@dataclass(frozen=True)
class Text:
    """The sources of a simulation in one text; `lines` has the first line of each file.

    `data` are the files that `$readmemh` and the like may read, by their names in the folder of the
    simulation. In `source` and `simulation` these names replace those in the published container.
    """

    source: str
    lines: tuple[tuple[str, int], ...]
    given: Given
    simulation: Simulation
    data: Mapping[str, str] = field(default_factory=dict)

    def located(self, message: str) -> str:
        """Return a message of the compiler with file and line instead of the line in `source`."""
        if len(self.lines) < 2:
            return message
        return _LINE.sub(lambda found: f"{self._place(int(found[1]))}:", message)

    def _place(self, line: int) -> str:
        name, first = [(name, first) for name, first in self.lines if first <= line][-1]
        return f"{name}:{line - first + 1}"


def text_of(harness: Harness, simulation: Simulation, written: Mapping[str, str]) -> Text:
    """Put together what is compiled for a simulation.

    Args:
        harness: The harness.
        simulation: One of its simulations.
        written: The files of the completion, by path.

    Raises:
        MissingFile: One of the sources is not there.
    """
    files = {**harness.context, **written}
    data = _data_of(harness, files)
    public = {path for path in data if not path.startswith("src/")}
    parts: list[str] = []
    lines: list[tuple[str, int]] = []
    line = 1
    for path in simulation.sources:
        text = files.get(path)
        if text is None and path.startswith("src/"):
            text = _of_the_harness(harness, path.removeprefix("src/"))
        if text is None:
            raise MissingFile(path, path in harness.targets)
        lines.append((path, line))
        shown = public if path in written else data.keys()
        parts.append(_localized(text, shown) + _CLOSING)
        line += parts[-1].count("\n")
    others = {
        path: text
        for path, text in files.items()
        if path not in simulation.sources and path.endswith(_INCLUDED)
    }
    includes = {path.rpartition("/")[2]: text for path, text in others.items()} | others
    used = {name: text for name, text in includes.items() if f'"{name}"' in "".join(parts)}
    values = {name: _localized(text, data) for name, text in simulation.parameters.items()}
    plusargs = [
        _VALUE.sub(lambda found: _local(found[0], data), text) for text in simulation.plusargs
    ]
    named = "\n".join([*parts, *values.values(), *plusargs])
    return Text(
        "".join(parts),
        tuple(lines),
        Given(includes=used, defines=simulation.defines),
        replace(simulation, parameters=values, plusargs=tuple(plusargs)),
        {
            _flat(path): text
            for path, text in data.items()
            if path.startswith("rundir/") or _flat(path) in named
        },
    )


def _data_of(harness: Harness, files: Mapping[str, str]) -> dict[str, str]:
    """Return the data files of a row by path: those of its context, completion and harness."""
    found = {path: text for path, text in files.items() if not path.endswith(_NO_DATA)}
    for file in sorted(harness.folder.rglob("*")):
        path = f"src/{file.relative_to(harness.folder).as_posix()}"
        if file.is_file() and not file.name.startswith(".") and not path.endswith(_NO_DATA):
            found[path] = file.read_text(encoding="utf-8")
    return found


def _localized(text: str, data: Collection[str]) -> str:
    """Return a text of Verilog with the local names of data files in its string literals."""
    return _LITERAL.sub(lambda found: f'"{_local(found[1], data)}"', text)


def _local(name: str, data: Collection[str]) -> str:
    """Return the name that a data file has in the folder of the simulation; other names stay."""
    path = posixpath.normpath(posixpath.join(_WORKING, name)).removeprefix("/code/").lstrip("/")
    return _flat(path) if path in data else name


def _flat(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return name if folder == "rundir" else path.replace("/", "__")


def _of_the_harness(harness: Harness, path: str) -> str | None:
    file = harness.folder / path
    return file.read_text(encoding="utf-8") if file.is_file() else None
