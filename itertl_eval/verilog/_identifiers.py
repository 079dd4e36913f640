"""Find the names that a part of a syntax tree uses and writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyslang.syntax import SyntaxKind, SyntaxNode


def identifiers(node: Any) -> Iterator[str]:
    """Yield all identifiers below a node of a syntax tree, in order."""
    return _below(node, frozenset())


def targets(left: Any) -> Iterator[str]:
    """Yield the names that the left side of an assignment writes, without those in its indices."""
    return _below(left, frozenset({SyntaxKind.ElementSelect}))


def is_assignment(node: Any) -> bool:
    """Return whether a node of a syntax tree is an assignment of any kind."""
    return str(node.kind.name).endswith("AssignmentExpression")


def _below(node: Any, skipped: frozenset[SyntaxKind]) -> Iterator[str]:
    if node.kind in skipped:
        return
    for item in node:
        if isinstance(item, SyntaxNode):
            yield from _below(item, skipped)
        elif item is not None and item.kind.name == "Identifier":
            yield item.valueText


__all__ = ["identifiers", "is_assignment", "targets"]
