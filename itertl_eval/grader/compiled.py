"""What Icarus made of a design: the ports as the compiler sees them, the modules it asks for.

A compiled design is text, one statement a line. A name from the design stands in quotes in it
and can't hold a line's end, so nothing that a design says can begin a line.
"""

from __future__ import annotations

import re

from itertl_eval.problem import Direction, Port

_SCOPE = re.compile(rb'^S_\w+ \.scope module, "(?:[^"\\]|\\.)*" "((?:[^"\\]|\\.)*)" ')
_PORT = re.compile(rb'^    \.port_info (\d+) /(INPUT|OUTPUT|INOUT) (\d+) "(\w+)";$')
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


def without_modules(design: bytes) -> bytes:
    """The design without the header's request for modules, which its simulator has loaded."""
    end = _STATEMENT.search(design)
    header = design[: end.start()] if end else design
    return _REQUEST.sub(b"", header) + design[len(header) :]
