"""Remove prose around modules."""

from __future__ import annotations

import re

from itertl_eval.grader.extraction._units import NAME, Unit, declares

_DIRECTIVE = re.compile(
    r"^[ \t]*+`(?:define|undef|undefineall|timescale|default_nettype|ifdef|ifndef|else|elsif|endif"
    r"|resetall|celldefine|endcelldefine|include|line|pragma|begin_keywords|end_keywords"
    r"|unconnected_drive|nounconnected_drive)\b"
)
_DECLARATION = re.compile(
    r"\s*+(?:import\s++\w++\s*+::|(?:parameter|localparam)\b[^=]*+=.*[,;]\s*+(?://.*)?$"
    r"|(function|task)\s[\w\s\[\]:$'+-]*+[;(]"
    r"|typedef\s++(?:enum\b|struct\b|union\b"
    r"|[\w:]++(?:\s++(?:un)?signed)?+(?:\s*+\[[^\]]*+\])*+\s++\w++\s*+;))"
)


def without_prose(place: str, units: list[Unit], top: Unit) -> str:
    """Return the modules as they are; between them only directives and declarations are kept."""
    pieces, position = [], 0
    chosen = _chosen(place, units, top)
    for unit in units:
        pieces.append(declarations(place[position : unit.start]))
        if unit in chosen:
            pieces.append(place[unit.start : unit.end])
        position = unit.end
    pieces.append(declarations(place[position:], directives_only=True))
    return "\n".join(piece for piece in pieces if piece)


def outside(place: str, units: list[Unit]) -> str:
    """Return what is between the units."""
    pieces, position = [], 0
    for unit in units:
        pieces.append(place[position : unit.start])
        position = unit.end
    return "\n".join([*pieces, place[position:]])


def _chosen(place: str, units: list[Unit], top: Unit) -> set[Unit]:
    """Choose the last closed definition of each module; of the top module it is given.

    A unit that is never closed is a sentence that mentions a module if it declares nothing, and a
    testbench that was cut off if nothing uses it.
    """
    chosen: dict[str, Unit] = {}
    used = {
        word
        for unit in units
        if unit.closed or unit is top
        for word in NAME.findall(place, unit.start, unit.end)
    }
    for unit in units:
        if not (unit.closed or (unit.name in used and declares(place, unit))):
            continue
        if unit.closed or not (unit.name in chosen and chosen[unit.name].closed):
            chosen[unit.name] = unit
    chosen[top.name] = top
    return set(chosen.values())


def declarations(text: str, directives_only: bool = False) -> str:
    """Return what may be outside of modules: directives, typedefs, functions, imports."""
    kept: list[str] = []
    ends = {word: f"end{word}" for word in ("function", "task") if f"end{word}" in text}
    until, depth, continued = "", 0, False
    for line in text.split("\n"):
        if not until:
            if continued or _DIRECTIVE.match(line):
                kept.append(line)
                continued = line.endswith("\\")
                continue
            found = None if directives_only else _DECLARATION.match(line)
            if found is None or (found[1] and found[1] not in ends):
                continue
            until, depth = ends[found[1]] if found[1] else ";", 0
        kept.append(line)
        depth += line.count("{") - line.count("}")
        if until in line and depth <= 0:
            until = ""
    return "\n".join(kept)
