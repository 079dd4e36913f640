"""Take the initial values of registers out of a design; what only an initialiser sets stays."""

from __future__ import annotations

from typing import Any

from itertl_eval.from_reference.circuit._syntax import named
from itertl_eval.verilog import slang


def without_initial(code: str, top: str) -> str | None:
    """Return the design without initial values of what it assigns later, or None without any.

    A table that is filled once and only read keeps its contents.
    """
    try:
        compilation, tree = slang.compile_text(code, top)
        nodes: list[Any] = []
        for instance in compilation.getRoot().topInstances:
            instance.visit(nodes.append)
    except slang.TooDeep:
        return None
    blocks = [node for node in nodes if type(node).__name__ == "ProceduralBlockSymbol"]
    initial = [block for block in blocks if block.procedureKind.name == "Initial"]
    changing = {path for block in blocks if block not in initial for path in _assigned(block)}
    spans: set[tuple[int, int]] = set()
    buffer = tree.root.sourceRange.start.buffer
    for block in initial:
        if changing & set(_assigned(block)):
            _add(spans, block.syntax, buffer)
    for node in nodes:
        if type(node).__name__ == "VariableSymbol" and node.hierarchicalPath in changing:
            _add(spans, getattr(node.syntax, "initializer", None), buffer)
    if not spans:
        return None
    text = code.encode()
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + b" " + text[end:]
    return text.decode()


def _add(spans: set[tuple[int, int]], syntax: Any, buffer: Any) -> None:
    if syntax is not None and syntax.sourceRange.start.buffer == buffer:
        spans.add((syntax.sourceRange.start.offset, syntax.sourceRange.end.offset))


def _assigned(block: Any) -> list[str]:
    """The paths of the variables that a procedural block assigns."""
    inner: list[Any] = []
    block.visit(inner.append)
    found = []
    for node in inner:
        if type(node).__name__ != "AssignmentExpression":
            continue
        parts: list[Any] = []
        node.left.visit(parts.append)
        targets = [symbol for part in parts if (symbol := named(part)) is not None]
        found += [symbol.hierarchicalPath for symbol in targets[:1]]
    return found


__all__ = ["without_initial"]
