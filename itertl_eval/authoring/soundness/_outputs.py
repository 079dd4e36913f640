"""Tell which output of a design a mistake reaches first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pyslang.syntax import SyntaxKind, SyntaxNode

from itertl_eval.authoring.mutate import Mutant
from itertl_eval.problem import Problem
from itertl_eval.verilog import identifiers, is_assignment, slang, targets

_BLOCKS = {
    SyntaxKind.ConditionalStatement,
    SyntaxKind.CaseStatement,
    SyntaxKind.AlwaysBlock,
    SyntaxKind.AlwaysCombBlock,
    SyntaxKind.AlwaysFFBlock,
    SyntaxKind.AlwaysLatchBlock,
}
"""What a mistake in the first line of shows in all that is assigned inside."""
_NAME = re.compile(r"[A-Za-z_]\w*")


class OutputMap:
    """The outputs of a reference, and which of them each line of it drives.

    It follows assignments, the conditions around them and connections of instances, by name.
    """

    def __init__(self, problem: Problem) -> None:
        self._outputs = [port.name for port in problem.outputs]
        self._text = problem.reference.encode()
        self._readers: dict[str, set[str]] = defaultdict(set)
        self._written: dict[int, set[str]] = defaultdict(set)
        tree = slang.parse(problem.reference, "reference.sv", problem.given)
        self._read(tree.root, frozenset())

    def nearest(self, mutant: Mutant) -> tuple[str, ...]:
        """Return the outputs that depend most directly on what the mutant changes."""
        seen: set[str] = set()
        reached = self._written.get(mutant.line) or self._names_on(mutant.line)
        while reached:
            found = [name for name in self._outputs if name in reached]
            if found:
                return tuple(found)
            seen |= reached
            reached = set().union(*(self._readers[name] for name in reached)) - seen
        return ()

    def _names_on(self, line: int) -> set[str]:
        lines = self._text.decode().splitlines()
        return set(_NAME.findall(lines[line - 1])) if line <= len(lines) else set()

    def _read(self, node: Any, conditions: frozenset[str]) -> None:
        kind = node.kind
        if is_assignment(node):
            written = set(targets(node.left))
            self._add(node, written, set(identifiers(node)) | conditions)
            return
        if kind == SyntaxKind.HierarchicalInstance:
            names = set(identifiers(node))
            self._add(node, names, names)
            return
        if kind == SyntaxKind.ConditionalStatement:
            conditions |= set(identifiers(node.predicate))
        elif kind == SyntaxKind.CaseStatement:
            conditions |= set(identifiers(node.expr))
        elif kind == SyntaxKind.Declarator and node.initializer is not None:
            self._add(node, {node.name.valueText}, set(identifiers(node.initializer)))
        for child in node:
            if isinstance(child, SyntaxNode):
                self._read(child, conditions)
        if kind in _BLOCKS:
            self._add(node, set(_assigned(node)), set(conditions), first_line_only=True)

    def _add(
        self, node: Any, written: set[str], read: set[str], *, first_line_only: bool = False
    ) -> None:
        start, end = node.sourceRange.start.offset, node.sourceRange.end.offset
        first = self._text.count(b"\n", 0, start) + 1
        last = first if first_line_only else self._text.count(b"\n", 0, end) + 1
        for line in range(first, last + 1):
            self._written[line] |= written
        for name in read:
            self._readers[name] |= written


def _assigned(node: Any) -> Iterator[str]:
    """The names that are written anywhere below a node."""
    if is_assignment(node):
        yield from targets(node.left)
        return
    for child in node:
        if isinstance(child, SyntaxNode):
            yield from _assigned(child)
