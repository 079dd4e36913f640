"""Normalised syntax trees: equal for designs that differ only in names and layout.

Names are numbered by first use and numbers written in decimal. Comments, layout, grouping
parentheses and `begin ... end` around a single statement are removed.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pyslang.parsing import Token, TokenKind
from pyslang.syntax import SyntaxKind, SyntaxTree

_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}


def design_hash(design: str) -> str | None:
    """Return the SHA-256 of the normalised tree, or None if the text nests too deep to parse."""
    try:
        tree = SyntaxTree.fromText(design, "design.sv")
    except RuntimeError:
        return None
    return hashlib.sha256(" ".join(normal_tree(tree.root)).encode()).hexdigest()


def normal_tree(root: Any) -> list[str]:
    """Return the tree as words, each node as `(kind ... )`.

    Not recursive, because long sums are deep trees.
    """
    numbers: dict[str, str] = {}
    found: list[str] = []
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, Token):
            word = _word(node, numbers)
            if word:
                found.append(word)
        elif node.kind == SyntaxKind.IntegerVectorExpression:
            found.append(_number([str(part.valueText) for part in node]))
        else:
            inner = _inner(node)
            if inner is not None:
                waiting.append(inner)
                continue
            found.append(f"({node.kind.name}")
            waiting.append(")")
            waiting += [part for part in reversed(list(node)) if part is not None]
    return found


def _inner(node: Any) -> Any | None:
    """Return the content of a node that only groups, otherwise None."""
    if node.kind == SyntaxKind.ParenthesizedExpression:
        return node.expression
    if node.kind == SyntaxKind.SequentialBlockStatement and node.blockName is None:
        statements = list(node.items)
        return statements[0] if len(statements) == 1 else None
    return None


def _word(token: Token, numbers: dict[str, str]) -> str:
    text = str(token.valueText)
    if token.kind == TokenKind.Identifier:
        return numbers.setdefault(text, f"n{len(numbers)}")
    if token.kind == TokenKind.IntegerLiteral:
        return text.replace("_", "")
    return text


def _number(parts: list[str]) -> str:
    *size, base, digits = parts
    digits = digits.replace("_", "").lower()
    sign = "s" if "s" in base.lower() else ""
    try:
        value = str(int(digits, _BASES[base.lower()[-1]]))
    except ValueError:  # x or z among the digits
        value = base.lower()[-1] + digits
    return f"{''.join(size)}'{sign}{value}"
