"""Design: the syntax tree of a design, its names and their widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxNode, SyntaxTree

from itertl_eval.authoring.mutate._timing import exchangeable
from itertl_eval.problem import Given
from itertl_eval.verilog import slang

Edit = tuple[int, int, str]
"""(start, end, new text), in bytes."""
_PORTS = ("AnsiPortList", "PortDeclaration", "NonAnsiPortList", "FunctionPortList")


@dataclass(frozen=True)
class Change:
    """A mistake as edits of the source; `kind` is one of KINDS."""

    kind: str
    edits: tuple[Edit, ...]
    description: str


class Design:
    """A design's syntax tree and what its names mean.

    Args:
        source: Its text.
        top: The name of the module whose signals are known.
        given: What is compiled with it.
    """

    def __init__(self, source: str, top: str, given: Given = slang.NOTHING_GIVEN) -> None:
        self.text = source.encode()
        self.top = top
        self.tree = slang.parse(source, "design.sv", given)
        self.buffer = self.tree.root.sourceRange.start.buffer
        self.widths: dict[str, int] = {}
        self.inputs: list[str] = []
        self.arrays: set[str] = set()
        """The signals that a sensitivity list can't name."""
        self.exchangeable: frozenset[int] = frozenset()
        for body in _elaborated(self.tree, top, given):
            self._read(body)
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

    def _read(self, body: Any) -> None:
        """Note the widths of the top module's signals, its inputs, what _timing can prove."""
        for port in body.portList:
            if str(getattr(port, "direction", "")).endswith(".In"):
                self.inputs.append(port.name)
        for member in body:
            if type(member).__name__ in ("NetSymbol", "VariableSymbol"):
                self.widths[member.name] = member.type.bitWidth
                if member.type.isUnpackedArray:
                    self.arrays.add(member.name)
        self.exchangeable = exchangeable(body)

    def span(self, item: Any) -> tuple[int, int]:
        """Return where a node or token is in the source; (-1, -1) if it comes from a macro."""
        around = item.sourceRange if isinstance(item, SyntaxNode) else item.range
        if around.start.buffer != self.buffer or around.end.buffer != self.buffer:
            return -1, -1
        return around.start.offset, around.end.offset

    def show(self, item: Any) -> str:
        """Return the text of a node or token; "" if it comes from a macro."""
        start, end = self.span(item)
        return self.text[start:end].decode() if start >= 0 else ""

    def change(self, kind: str, *edits: tuple[Any, str], what: str = "") -> Change:
        """Return a change that gives each node or token a new text."""
        placed = tuple((*self.span(item), new) for item, new in edits)
        old = ", ".join(self.show(item) for item, _ in edits)
        new = ", ".join(new for _, new in edits)
        return Change(kind, placed, what or f"{shorten(old)} -> {shorten(new) or 'nothing'}")


def shorten(text: str) -> str:
    """Return the text on one line of at most 60 characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def kind_of(node: SyntaxNode) -> str:
    """Return the name of slang's kind of a node."""
    return str(node.kind.name)


def children(items: Any) -> list[Any]:
    """Return the nodes in a node or list, without its tokens."""
    return [item for item in items or () if isinstance(item, SyntaxNode)]


def walk(node: Any) -> Iterator[Any]:
    """Yield a node and all below it, except for the ports."""
    if kind_of(node) in _PORTS:
        return
    yield node
    for child in children(node):
        yield from walk(child)


def _elaborated(tree: SyntaxTree, top: str, given: Given) -> list[Any]:
    """Return the body of the top module, if there is one."""
    options = CompilationOptions()
    options.topModules = {top}
    compilation = Compilation(pyslang.Bag([options]))
    slang.add_to(compilation, tree, given)
    return [instance.body for instance in compilation.getRoot().topInstances]
