"""The text that is compiled for one simulation: files of the completion and of its row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from itertl_eval.harness import Harness, Simulation
from itertl_eval.problem import Given

_LINE = re.compile(r"\bline (\d+):")
_INCLUDED = (".v", ".sv", ".vh", ".svh", ".h", ".inc")
_CLOSING = "\n/**/\n"
"""Ends each file, and with it a comment that a completion may have left open."""


class MissingFile(Exception):
    """A file that a simulation compiles and nobody has written; `asked` tells who should have."""

    def __init__(self, path: str, asked: bool) -> None:
        super().__init__(path)
        self.asked = asked


@dataclass(frozen=True)
class Text:
    """The sources of a simulation in one text; `lines` has the first line of each file."""

    source: str
    lines: tuple[tuple[str, int], ...]
    given: Given

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
        parts.append(text + _CLOSING)
        line += parts[-1].count("\n")
    others = {
        path: text
        for path, text in files.items()
        if path not in simulation.sources and path.endswith(_INCLUDED)
    }
    includes = {path.rpartition("/")[2]: text for path, text in others.items()} | others
    used = {name: text for name, text in includes.items() if f'"{name}"' in "".join(parts)}
    return Text("".join(parts), tuple(lines), Given(includes=used, defines=simulation.defines))


def _of_the_harness(harness: Harness, path: str) -> str | None:
    file = harness.folder / path
    return file.read_text(encoding="utf-8") if file.is_file() else None
