"""A design as the rules of mutation see it: its syntax tree, its names and their widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxNode, SyntaxTree

Edit = tuple[int, int, str]
_INTERFACE = ("AnsiPortList", "PortDeclaration", "NonAnsiPortList", "FunctionPortList")


@dataclass(frozen=True)
class Change:
    kind: str
    edits: tuple[Edit, ...]
    description: str


class Design:
    """A design's syntax tree, what its names mean, and the changes that can be made to it."""

    def __init__(self, source: str, top: str) -> None:
        self.text = source.encode()
        self.tree = SyntaxTree.fromText(source, "design.sv")
        self.buffer = self.tree.root.sourceRange.start.buffer
        self.widths, self.inputs = _signals(self.tree, top)
        self.nodes = list(walk(self.tree.root))
        self.constants = {
            node.name.valueText
            for node in self.nodes
            if kind_of(node) == "Declarator"
            and kind_of(node.parent) in ("ParameterDeclaration", "EnumType")
        }
        self.clocks = {
            self.show(node.expr) for node in self.nodes if kind_of(node) == "SignalEventExpression"
        }

    def span(self, item: Any) -> tuple[int, int]:
        """Where a node or token stands in the source; (-1, -1) when it comes from a macro."""
        around = item.sourceRange if isinstance(item, SyntaxNode) else item.range
        if around.start.buffer != self.buffer or around.end.buffer != self.buffer:
            return -1, -1
        return around.start.offset, around.end.offset

    def show(self, item: Any) -> str:
        start, end = self.span(item)
        return self.text[start:end].decode() if start >= 0 else ""

    def change(self, kind: str, *edits: tuple[Any, str], what: str = "") -> Change:
        placed = tuple((*self.span(item), new) for item, new in edits)
        old = ", ".join(self.show(item) for item, _ in edits)
        new = ", ".join(new for _, new in edits)
        return Change(kind, placed, what or f"{shorten(old)} -> {shorten(new) or 'nothing'}")


def shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def kind_of(node: SyntaxNode) -> str:
    return node.kind.name


def children(items: Any) -> list[Any]:
    return [item for item in items or () if isinstance(item, SyntaxNode)]


def walk(node: Any) -> Iterator[Any]:
    """A node and all below it, except for what makes up the interface."""
    if kind_of(node) in _INTERFACE:
        return
    yield node
    for child in children(node):
        yield from walk(child)


def _signals(tree: SyntaxTree, top: str) -> tuple[dict[str, int], list[str]]:
    """The widths of the top module's signals, and its inputs in order."""
    options = CompilationOptions()
    options.topModules = {top}
    compilation = Compilation(pyslang.Bag([options]))
    compilation.addSyntaxTree(tree)
    widths: dict[str, int] = {}
    inputs: list[str] = []
    for instance in compilation.getRoot().topInstances:
        ports = instance.body.portList
        inputs += [p.name for p in ports if str(getattr(p, "direction", "")).endswith(".In")]
        for member in instance.body:
            if type(member).__name__ in ("NetSymbol", "VariableSymbol"):
                widths[member.name] = member.type.bitWidth
    return widths, inputs
