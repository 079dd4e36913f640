"""Make processes readable for Yosys that write a variable with both `=` and `<=`.

Yosys refuses such a process. Where nothing reads or writes the variable again after the `<=`, that
assignment is the last of its time step anyway, and `=` in its place means the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pyslang.syntax import SyntaxKind, SyntaxNode, SyntaxTree

from itertl_eval.verilog import identifiers, is_assignment, targets

_PROCESSES = {
    SyntaxKind.AlwaysBlock,
    SyntaxKind.AlwaysCombBlock,
    SyntaxKind.AlwaysFFBlock,
    SyntaxKind.AlwaysLatchBlock,
    SyntaxKind.InitialBlock,
}
_LOOPS = {
    SyntaxKind.ForLoopStatement,
    SyntaxKind.ForeachLoopStatement,
    SyntaxKind.LoopStatement,
    SyntaxKind.DoWhileStatement,
    SyntaxKind.ForeverStatement,
}


def readable(text: str) -> str:
    """Return a design with the same behaviour that Yosys can read, as far as that is possible."""
    try:
        tree = SyntaxTree.fromText(text, "design.sv")
    except RuntimeError:  # nested too deep
        return text
    data = text.encode()
    for process in _find(tree.root, _PROCESSES):
        order = _Order()
        order.walk(process)
        for name in order.blocking & order.delayed.keys() - order.touched:
            for place in order.delayed[name]:
                if data[place : place + 2] == b"<=":  # not in a macro
                    data = data[:place] + b" =" + data[place + 2 :]
    # In always_comb Yosys reads an incomplete case as a loop, in always @* as a latch.
    return re.sub(r"\balways_comb\b", "always @*", data.decode())


def _find(node: Any, kinds: set[SyntaxKind]) -> Iterator[Any]:
    for child in node:
        if isinstance(child, SyntaxNode):
            if child.kind in kinds:
                yield child
            else:
                yield from _find(child, kinds)


class _Order:
    """Follows a process as it runs.

    Attributes:
        blocking: The variables that it writes with `=`.
        delayed: Those that it writes with `<=`, and where the operators are.
        touched: Those that it may read, or write with `=`, after it has written them with `<=`.
    """

    def __init__(self) -> None:
        self.blocking: set[str] = set()
        self.delayed: dict[str, set[int]] = {}
        self.touched: set[str] = set()
        self._pending: set[str] = set()

    def walk(self, node: Any) -> None:
        """Follow what is below a node, in order."""
        kind = node.kind
        if is_assignment(node):
            self._assign(node)
        elif kind == SyntaxKind.ConditionalStatement:
            self.walk(node.predicate)
            self._branches([node.statement, node.elseClause])
        elif kind == SyntaxKind.CaseStatement:
            self.walk(node.expr)
            self._branches(list(node.items))
        else:
            for _ in range(2 if kind in _LOOPS else 1):
                for item in node:
                    if isinstance(item, SyntaxNode):
                        self.walk(item)
                    elif item is not None and item.kind.name == "Identifier":
                        self._read(item.valueText)

    def _branches(self, branches: list[Any]) -> None:
        before, after = self._pending, set(self._pending)
        for branch in branches:
            self._pending = set(before)
            if isinstance(branch, SyntaxNode):
                self.walk(branch)
            after |= self._pending
        self._pending = after

    def _assign(self, node: Any) -> None:
        self.walk(node.right)
        written = set(targets(node.left))
        for name in identifiers(node.left):
            if name not in written:  # an index
                self._read(name)
        if node.kind == SyntaxKind.NonblockingAssignmentExpression:
            for name in written:
                place = node.operatorToken.range.start.offset
                self.delayed.setdefault(name, set()).add(place)
            self._pending |= written
            return
        for name in written:
            self._read(name)  # as bad as a read, after `<=`
        self.blocking |= written

    def _read(self, name: str) -> None:
        if name in self._pending:
            self.touched.add(name)
