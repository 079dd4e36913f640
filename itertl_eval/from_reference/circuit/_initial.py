"""Take the initial values of registers out of a design; what only an initialiser sets stays.

A variable of a two-state type has an initial value that nobody wrote: zero.
"""

from __future__ import annotations

from typing import Any

from itertl_eval.from_reference.circuit._syntax import named
from itertl_eval.verilog import slang


def without_initial(code: str, top: str, *, two_state: bool = True) -> str | None:
    """Return the design without initial values of what it assigns later, or None without any.

    A table that is filled once and only read keeps its contents.

    Args:
        code: The design.
        top: Its root module.
        two_state: Leave the two-state types as they are, and with them their zeros.
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
    spans: dict[tuple[int, int], str] = {}
    buffer = tree.root.sourceRange.start.buffer
    for block in initial:
        if changing & set(_assigned(block)):
            _add(spans, block.syntax.sourceRange, buffer)
    for node in nodes:
        if type(node).__name__ == "VariableSymbol" and node.hierarchicalPath in changing:
            initializer = getattr(node.syntax, "initializer", None)
            _add(spans, getattr(initializer, "sourceRange", None), buffer)
    if not two_state:
        _widen_types(spans, tree.root, buffer)
    if not spans:
        return None
    text = code.encode()
    for (start, end), new in sorted(spans.items(), reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return text.decode()


def _add(spans: dict[tuple[int, int], str], where: Any, buffer: Any, new: str = " ") -> None:
    """Note that `new` replaces a source range, unless that is in another file or a macro."""
    if where is not None and where.start.buffer == buffer:
        spans[where.start.offset, where.end.offset] = new


_WIDTHS = {"byte": 8, "shortint": 16, "int": 32, "longint": 64}
_PASSING = {
    "CastExpressionSyntax",
    "ForVariableDeclarationSyntax",
    "FunctionDeclarationSyntax",
    "ParameterDeclarationSyntax",
    "ProceduralBlockSyntax",
}
"""Where a type belongs to no register: what is declared inside may well count on its zero."""


def _widen_types(spans: dict[tuple[int, int], str], root: Any, buffer: Any) -> None:
    """Replace the two-state types of ports and of variables of modules by four-state ones."""
    nodes: list[Any] = []
    root.visit(nodes.append)
    for node in nodes:
        kind = type(node).__name__
        if kind not in ("IntegerTypeSyntax", "EnumTypeSyntax") or _is_passing(node):
            continue
        word = node.keyword.valueText
        if word == "bit":
            _add(spans, node.keyword.range, buffer, "logic")
        elif word in _WIDTHS:
            vector = f"logic {node.signing.valueText or 'signed'} [{_WIDTHS[word] - 1}:0]"
            _add(spans, node.sourceRange, buffer, vector)
        elif word == "enum" and node.baseType is None:
            _add(spans, node.keyword.range, buffer, "enum logic signed [31:0]")


def _is_passing(node: Any) -> bool:
    while node is not None and type(node).__name__ not in _PASSING:
        node = node.parent
    return node is not None


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
