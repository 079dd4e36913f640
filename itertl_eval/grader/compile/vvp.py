"""What Icarus made of a design: its ports and parameters, who drives its inputs, what it asks for.

A compiled design is text, one statement a line. A name from the design stands in quotes in it
and can't hold a line's end, so nothing that a design says can begin a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from itertl_eval.problem import Direction, Port

_SCOPE = re.compile(rb'^S_\w+ \.scope module, "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)" ')
_PORT = re.compile(rb'^    \.port_info (\d+) /(INPUT|OUTPUT|INOUT) (\d+) "(\w+)";$')
_PARAMETER = re.compile(rb'^P_\w+ \.param/l "(\w+)" 0 .*, (\+?)C4<([01]+)>;$')
_REAL_PARAMETER = re.compile(rb'^P_\w+ \.param/real "(\w+)" 0 .*; value=([\d.]+)$')
_NET = re.compile(rb'^(v\w+) \.net\S* "((?:[^"\\]|\\.)*)", .*, (\w+);  (?:alias, )?(\d+) drivers')
_VARIABLE = re.compile(rb'^(v\w+) \.var\S* "(\w+)", ')
_FLOATING = b"o"  # begins the label of what drives a net that nothing drives
_WRITE = re.compile(
    rb"^    %(?:force|release|cassign|deassign|store|assign)\S* (v\w+)", re.MULTILINE
)
_WRITING_CALL = re.compile(
    rb'^    %vpi_\S+ [\d ]*"\$(?:deposit|s?f?scanf|sformat|swrite\w?|fgets|fread|value\$plusargs'
    rb'|u?random\w*|dist_\w+|readmem\w)"(.*)',
    re.MULTILINE,
)
_STATEMENT = re.compile(rb"^[^:#]", re.MULTILINE)
_REQUEST = re.compile(rb"^:vpi_module .*\n", re.MULTILINE)
_DIRECTIONS: dict[bytes, Direction] = {
    b"INPUT": "input", b"OUTPUT": "output", b"INOUT": "inout",
}  # fmt: skip


def ports(design: bytes, top: str) -> tuple[Port, ...] | None:
    """The ports of the only instance of module `top`, or None where that can't be said.

    Widths are in bits; a real or an unpacked array shows a width like a vector's, so a design
    that may have one among its ports has to be asked otherwise.
    """
    found: list[Port] | None = None
    inside = False
    for line in design.split(b"\n"):
        if line.startswith(b"S_") and (scope := _SCOPE.match(line)):
            inside = scope[1] == top.encode()
            if inside and found is not None:
                return None
            found = [] if inside else found
        elif inside and line.startswith(b"    .port_info "):
            port = _PORT.match(line)
            if port is None:
                return None
            assert found is not None
            found.append(Port(port[4].decode(), _DIRECTIONS[port[2]], int(port[3])))
        elif line.startswith((b"S_", b"L_", b"v0", b"v1")):
            inside = False
    return tuple(found) if found else None


def parameters(design: bytes, top: str) -> dict[str, float]:
    """The numbers that the first instance of module `top` has as parameters, but no local ones."""
    found: dict[str, float] = {}
    for line in _scope(design, top):
        if parameter := _PARAMETER.match(line):
            bits = parameter[3].decode()
            negative = parameter[2] and bits[0] == "1"
            found[parameter[1].decode()] = int(bits, 2) - (negative << len(bits) if negative else 0)
        elif parameter := _REAL_PARAMETER.match(line):
            found[parameter[1].decode()] = float(parameter[2])
    return found


def own_inputs(design: bytes, top: str, inputs: Iterable[str]) -> list[str]:
    """Which inputs of the root module `top` the design drives, forces or writes to itself.

    A testbench that drives them from outside would then measure the design by other inputs than
    those that it believes to have set.
    """
    wanted = {name.encode() for name in inputs}
    names: dict[bytes, bytes] = {}  # of a label: the input that it belongs to
    found: set[bytes] = set()
    for line in _scope(design, top):
        if (net := _NET.match(line)) and net[2] in wanted:
            names[net[1]] = names[net[3]] = net[2]
            if net[4] != b"0" or not net[3].startswith(_FLOATING):
                found.add(net[2])
        elif (variable := _VARIABLE.match(line)) and variable[2] in wanted:
            names[variable[1]] = variable[2]
    for line in design.split(b"\n"):  # the same net under the names of inner modules
        if line.startswith(b"v") and (net := _NET.match(line)) and net[3] in names:
            names[net[1]] = names[net[3]]
    found |= {names[write[1]] for write in _WRITE.finditer(design) if write[1] in names}
    for call in _WRITING_CALL.finditer(design):
        found |= {names[label] for label in re.findall(rb"\bv\w+", call[1]) if label in names}
    return [name for name in inputs if name.encode() in found]


def _scope(design: bytes, top: str) -> Iterator[bytes]:
    """The lines of the first instance of module `top`, without what is inside of it."""
    inside = False
    for line in design.split(b"\n"):
        if line.startswith(b"S_"):
            if inside:
                return
            inside = (scope := _SCOPE.match(line)) is not None and scope[1] == top.encode()
        elif inside:
            yield line


def without_modules(design: bytes) -> bytes:
    """The design without the header's request for modules, which its simulator has loaded."""
    end = _STATEMENT.search(design)
    header = design[: end.start()] if end else design
    return _REQUEST.sub(b"", header) + design[len(header) :]
