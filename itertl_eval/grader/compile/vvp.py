"""Read a compiled design: its ports and parameters, who drives its inputs, what it requests.

A compiled design is text with one statement per line. A name from the design is in quotes and
can't contain a line end, so nothing in a design can forge the start of a line. The patterns begin
with the line end before a statement: a pattern that begins with a letter is searched for several
times faster than one that begins with `^`, and the first line is no statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from itertl_eval.problem import Direction, ParameterValue, Port

_NAME = rb'"((?:[^"\\]|\\.)*)"'
_SCOPE = re.compile(
    rb"\n(S_\w+) \.scope (\w+)\S*, " + _NAME + rb" " + _NAME + rb"[^;\n]*?(?:, (S_\w+))?;$",
    re.MULTILINE,
)
_PORT = re.compile(
    rb"\n    \.port_info (\d+) /(INPUT|OUTPUT|INOUT) (\d+) " + _NAME + rb";", re.MULTILINE
)
_SIGNAL = re.compile(rb"\nv\w+ \.(?:net|var)(?:/(\w+))?\S* " + _NAME + rb", ", re.MULTILINE)
_TYPES_WITHOUT_WIDTH = {b"real", b"str"}
_PARAMETER = re.compile(rb'\nP_\w+ \.param/l "(\w+)" 0 .*, (\+?)C4<([01]+)>;$', re.MULTILINE)
_STRING_PARAMETER = re.compile(rb'\nP_\w+ \.param/str "(\w+)" 0 .*?, "(.*)";$', re.MULTILINE)
_REAL_PARAMETER = re.compile(rb'\nP_\w+ \.param/real "(\w+)" 0 .*; value=([\d.]+)$', re.MULTILINE)
_ESCAPED = re.compile(rb"\\([0-7]{3})")
_ARRAY = re.compile(rb"\n(v\w+) \.array\S* " + _NAME, re.MULTILINE)
_ELEMENT = re.compile(
    rb"\n(v\w+) \.net\S* (v\w+) \d+, .*, (\w+); +(?:alias, )?(\d+) drivers", re.MULTILINE
)
_NET = re.compile(
    rb"\n(v\w+) \.net\S* " + _NAME + rb", .*, (\w+);  (?:alias, )?(\d+) drivers", re.MULTILINE
)
_FLOATING = b"o"  # begins the label of what drives a net that nothing drives
_WRITE = re.compile(
    rb"\n    %(?:force|release|cassign|deassign|store|assign)\S* (v\w+)", re.MULTILINE
)
_WRITING_CALL = re.compile(
    rb'\n    %vpi_\S+ [\d ]*"\$(?:deposit|s?f?scanf|sformat|swrite\w?|fgets|fread|value\$plusargs'
    rb'|u?random\w*|dist_\w+|readmem\w)"(.*)',
    re.MULTILINE,
)
_STATEMENT = re.compile(rb"^[^:#]", re.MULTILINE)
_REQUEST = re.compile(rb"^:vpi_module .*\n", re.MULTILINE)
_DIRECTIONS: dict[bytes, Direction] = {
    b"INPUT": "input",
    b"OUTPUT": "output",
    b"INOUT": "inout",
}


class Compiled:
    """A compiled design and the two scopes that matter: the root and the design in it.

    The root is known by a name that no design can guess, and its only instance is the design,
    so nothing else in the file can be mistaken for either.
    """

    def __init__(self, text: bytes, root: str, *, alone: bool = False) -> None:
        """Find the scopes.

        Args:
            text: The compiler's output.
            root: The name of the root module.
            alone: The design itself is the root.

        Raises:
            ValueError: There is no such root, or nothing in it.
        """
        self._text = text
        self._root = self._design = b""
        label = None
        for scope in _SCOPE.finditer(text):
            if scope[2] != b"module":
                continue
            if label is None and scope[4] == root.encode():
                label = scope[1]
                self._root = self._lines(scope)
                if alone:
                    self._design = self._root
                    return
            elif label is not None and scope[5] == label:
                self._design = self._lines(scope)
                return
        raise ValueError(f"the compiled design has no instance in {root}")

    def _lines(self, scope: re.Match[bytes]) -> bytes:
        """Return the text of a scope without the scopes inside it."""
        end = self._text.find(b"\nS_", scope.end())
        return self._text[scope.end() : end if end >= 0 else len(self._text)]

    def ports(self) -> tuple[Port, ...] | None:
        """Return the design's ports, with a width of 0 for a real number or a string.

        None means that a port may be of such a type or not: the file gives it the width 1, and
        no signal of the port's name shows the type.
        """
        types = {name: kind for kind, name in _SIGNAL.findall(self._design)}
        odd = {name for name, kind in types.items() if kind in _TYPES_WITHOUT_WIDTH}
        found = []
        for _, direction, digits, name in _PORT.findall(self._design):
            width = 0 if name in odd else int(digits)
            if odd and width == 1 and name not in types:
                return None
            found.append(Port(name.decode(errors="replace"), _DIRECTIONS[direction], width))
        return tuple(found)

    def parameters(self) -> dict[str, ParameterValue]:
        """Return the design's parameters, except local ones."""
        found: dict[str, ParameterValue] = {}
        for name, sign, digits in _PARAMETER.findall(self._design):
            negative = bool(sign) and digits.startswith(b"1")
            found[name.decode()] = int(digits, 2) - (negative << len(digits))
        for name, value in _REAL_PARAMETER.findall(self._design):
            found[name.decode()] = float(value)
        for name, text in _STRING_PARAMETER.findall(self._design):
            found[name.decode()] = _ESCAPED.sub(_character, text).decode(errors="replace")
        return found

    def own_inputs(self, inputs: Iterable[str]) -> list[str]:
        """Return the inputs that the design drives, forces or writes to itself.

        The root has a net for each port. A testbench that drives such a net from outside would
        otherwise measure the design by other inputs than those that it has set.
        """
        expected = {name.encode(): name for name in inputs}
        names: dict[bytes, bytes] = {}  # of a label: the input that it belongs to
        found: set[bytes] = set()
        arrays = dict(_ARRAY.findall(self._root))
        nets = _NET.findall(self._root) + [
            (label, arrays.get(array, b""), driver, drivers)
            for label, array, driver, drivers in _ELEMENT.findall(self._root)
        ]
        for label, name, driver, drivers in nets:
            if name in expected:
                names[label] = names[driver] = name
                if drivers != b"0" or not driver.startswith(_FLOATING):
                    found.add(name)
        if not names:
            return []
        same = _NET.findall(self._text) + _ELEMENT.findall(self._text)  # in inner modules
        for label, _, driver, _ in same:
            if driver in names:
                names[label] = names[driver]
        found |= {names[label] for label in _WRITE.findall(self._text) if label in names}
        for call in _WRITING_CALL.findall(self._text):
            found |= {names[label] for label in re.findall(rb"\bv\w+", call) if label in names}
        return [name for key, name in expected.items() if key in found]


def _character(found: re.Match[bytes]) -> bytes:
    """The byte that the compiler has written as an octal number."""
    return bytes([int(found[1], 8) & 255])


def without_modules(design: bytes) -> bytes:
    """Return the design without its requests for modules, which the simulator has loaded."""
    end = _STATEMENT.search(design)
    header = design[: end.start()] if end else design
    return _REQUEST.sub(b"", header) + design[len(header) :]
