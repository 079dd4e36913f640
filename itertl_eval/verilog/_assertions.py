"""Blank out verification code, which can't change what a design does.

Only what has no effect on the logic for certain is removed: assertions whose action is nothing or
a message, and the properties and sequences that only assertions can use. Whatever could write to
the design stays, and the text with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyslang.parsing import Token
from pyslang.syntax import ProceduralBlockSyntax, SyntaxKind, SyntaxNode, SyntaxTree

from itertl_eval.verilog._text import blank

_VISIBLE = re.compile(rb"[^\n]")
_WORD = re.compile(r"\b(?:assert|assume|cover|restrict|property|sequence)\b")
_MOST_WORDS = 1000
_CALLABLE = re.compile(r"\b(?:function|task)\b")
_STATEMENTS = {
    SyntaxKind.AssertPropertyStatement,
    SyntaxKind.AssumePropertyStatement,
    SyntaxKind.CoverPropertyStatement,
    SyntaxKind.CoverSequenceStatement,
    SyntaxKind.RestrictPropertyStatement,
    SyntaxKind.ImmediateAssertStatement,
    SyntaxKind.ImmediateAssumeStatement,
    SyntaxKind.ImmediateCoverStatement,
}
_MEMBERS = {
    SyntaxKind.ConcurrentAssertionMember,
    SyntaxKind.ImmediateAssertionMember,
    SyntaxKind.PropertyDeclaration,
    SyntaxKind.SequenceDeclaration,
    SyntaxKind.DefaultDisableDeclaration,
}
_HARMLESS = {"$error", "$warning", "$info", "$fatal", "$display", "$write", "$time", "$realtime"}
_HARMLESS |= {"$past", "$rose", "$fell", "$stable", "$changed", "$sampled"}
_HARMLESS |= {"$onehot", "$onehot0", "$isunknown", "$countones"}
_PASSIVE = _STATEMENTS | {SyntaxKind.ExpressionStatement, SyntaxKind.EmptyStatement}


def without_assertions(text: str) -> str:
    """Return a preprocessed design without its assertions; lines keep their numbers.

    The text is unchanged if it has none or a thousand, or if one might do more than check.
    """
    bare = blank(text)
    if not 0 < len(_WORD.findall(bare)) <= _MOST_WORDS:
        return text
    try:
        tree = SyntaxTree.fromText(text)
    except RuntimeError:  # nested too deep
        return text
    callable_names = set(_callables(bare))
    source = text.encode()  # slang counts bytes
    pieces, position = [], 0
    for node, replacement in _assertions(tree.root):
        if not _only_checks(node, callable_names):
            return text
        start, end = node.sourceRange.start.offset, node.sourceRange.end.offset
        pieces += [source[position:start], replacement, _VISIBLE.sub(b" ", source[start:end])]
        position = end
    return b"".join([*pieces, source[position:]]).decode()


def _callables(bare: str) -> Iterator[str]:
    """Yield the names of functions and tasks: the last word before the arguments."""
    for piece in re.split(r"[;(]", bare):
        if _CALLABLE.search(piece):
            yield re.split(r"\W+", piece.rstrip())[-1]


def _assertions(root: SyntaxNode) -> Iterator[tuple[SyntaxNode, bytes]]:
    """Yield, in the order of the text, each node to blank and what replaces it."""
    waiting: list[object] = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, SyntaxNode):
            continue
        if node.kind in _MEMBERS or (
            isinstance(node, ProceduralBlockSyntax)
            and node.kind == SyntaxKind.AlwaysCombBlock
            and node.statement.kind in _STATEMENTS
        ):
            yield node, b""
        elif node.kind in _STATEMENTS:
            yield node, b";"
        else:
            waiting += reversed(list(node))


def _only_checks(assertion: SyntaxNode, callable_names: set[str]) -> bool:
    """Whether nothing in an assertion can write to the design or call its code."""
    waiting: list[object] = [assertion]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Token):
            word = str(node.valueText)
            if word in callable_names or (word.startswith("$") and word not in _HARMLESS):
                return False
        elif isinstance(node, SyntaxNode):
            name = node.kind.name
            if name.endswith(("AssignmentExpression", "crementExpression")):
                return False
            if name.endswith("Statement") and node.kind not in _PASSIVE:
                return False
            waiting += list(node)
    return True
