"""The rules of mutation for expressions: operators, literals, selects, names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from itertl_eval.authoring.mutate._design import Change, Design, children, kind_of, shorten

OPERATORS: dict[str, dict[str, tuple[str, ...]]] = {
    "arithmetic": {
        "+": ("-",), "-": ("+",), "*": ("+",), "/": ("*",), "%": ("/",),
        "+=": ("-=",), "-=": ("+=",), "*=": ("+=",), "++": ("--",), "--": ("++",),
    },
    "logical": {"&&": ("||",), "||": ("&&",)},
    "bitwise": {
        "&": ("|", "^"), "|": ("&", "^"), "^": ("~^", "|"), "~^": ("^",), "^~": ("^",),
        "&=": ("|=",), "|=": ("^=",), "^=": ("|=",),
    },
    "comparison": {
        "==": ("!=",), "!=": ("==",), "===": ("!==",), "!==": ("===",),
        "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<"), ">=": (">", "<"),
    },
    "shift": {
        "<<": (">>",), ">>": ("<<", ">>>"), "<<<": (">>>",), ">>>": (">>", "<<<"),
        "<<=": (">>=",), ">>=": ("<<=",),
    },
}  # fmt: skip
"""Kind of mutant -> binary operator -> what it is mistaken for."""
UNARY: dict[str, dict[str, tuple[str, ...]]] = {
    "arithmetic": {"-": ("",), "++": ("--",), "--": ("++",)},
    "logical": {"!": ("",)},
    "bitwise": {"~": ("",)},
    "reduction": {
        "&": ("|", "~&"), "|": ("&", "~|"), "^": ("~^", "|"),
        "~&": ("&",), "~|": ("|",), "~^": ("^",), "^~": ("^",),
    },
}  # fmt: skip
"""Kind of mutant -> unary operator -> what it is mistaken for."""
ASSIGNMENTS = ("AssignmentExpression", "NonblockingAssignmentExpression")
_TERMS = ("+", "-", "*", "&", "|", "^", "&&", "||")
_SELECTS = ("SimpleRangeSelect", "AscendingRangeSelect", "DescendingRangeSelect", "BitSelect")
_DIGITS = {"b": 1, "o": 3, "h": 4}

Rule = Callable[[Design, Any], Iterator[Change]]


def _binary(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node) in ASSIGNMENTS:
        return
    token = node.operatorToken
    for kind, table in OPERATORS.items():
        for other in table.get(token.rawText, ()):
            what = f"{token.rawText} -> {other} in {shorten(design.show(node))}"
            yield design.change(kind, (token, other), what=what)
    if token.rawText in _TERMS:
        for side in (node.left, node.right):
            yield design.change("term", (node, design.show(side)))


def _unary(design: Design, node: Any) -> Iterator[Change]:
    token = node.operatorToken
    for kind, table in UNARY.items():
        for other in table.get(token.rawText, ()):
            operand = design.show(node.operand)
            new = f"{other}{operand}" if other else f"({operand})"
            if "Postfix" in type(node).__name__:
                new = f"{operand}{other}"
            yield design.change(kind, (node, new))


def _integer(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.parent) in _SELECTS:
        return  # an index: see _bounds
    text = design.show(node).replace("_", "")
    if text.isdigit():
        for value in (int(text) + 1, int(text) - 1):
            if value >= 0:
                yield design.change("constant", (node, str(value)))


def _unbased(design: Design, node: Any) -> Iterator[Change]:
    other = {"'0": "'1", "'1": "'0"}.get(design.show(node))
    if other:
        yield design.change("constant", (node, other))


def _vector(design: Design, node: Any) -> Iterator[Change]:
    size, base, digits = (design.show(t) for t in (node.size, node.base, node.value))
    digits = digits.replace("_", "").lower()
    letter = base[-1:].lower()
    if not size.isdigit() or kind_of(node.parent) in _SELECTS:
        return
    width = int(size)
    if letter == "b" and set(digits) - {"0", "1"}:  # a pattern with don't-cares: known digits
        for k, digit in enumerate(digits):
            if digit in "01":
                flipped = digits[:k] + "10"[int(digit)] + digits[k + 1 :]
                yield design.change("constant", (node, f"{size}{base}{flipped}"))
        return
    try:
        value = int(digits, {"b": 2, "o": 8, "d": 10, "h": 16}[letter])
    except (ValueError, KeyError):
        return
    full = (1 << width) - 1
    bits = range(width) if width <= 4 else (0, width // 2, width - 1)
    others = [value + 1, value - 1, *(value ^ 1 << bit for bit in bits), 0, full]
    for other in dict.fromkeys(number & full for number in others):
        if other != value & full:
            yield design.change("constant", (node, f"{size}{base}{_digits(other, letter, width)}"))


def _digits(value: int, letter: str, width: int) -> str:
    if letter == "d":
        return str(value)
    return f"{value:0{-(-width // _DIGITS[letter])}{'x' if letter == 'h' else letter}}"


def off_by_one(design: Design, node: Any) -> Iterator[Change]:
    text = design.show(node)
    if text.isdigit():
        new = [str(value) for value in (int(text) + 1, int(text) - 1) if value >= 0]
    else:
        new = [f"({text}) + 1", f"({text}) - 1"]
    yield from (design.change("bound", (node, other)) for other in new)


def _bounds(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.parent) == "RangeDimensionSpecifier":  # a declaration: one bit too few
        end = node.expr if kind_of(node) == "BitSelect" else node.left
        if design.show(end).isdigit() and int(design.show(end)) > 0:
            yield design.change("bound", (end, str(int(design.show(end)) - 1)))
        return
    ends = [node.expr] if kind_of(node) == "BitSelect" else [node.left, node.right]
    for end in ends:
        yield from off_by_one(design, end)


def _choice(design: Design, node: Any) -> Iterator[Change]:
    left, right = design.show(node.left), design.show(node.right)
    if left != right:
        yield design.change("branches", (node.left, f"({right})"), (node.right, left))


def _concatenation(design: Design, node: Any) -> Iterator[Change]:
    for one, two in pairwise(children(node.expressions)):
        a, b = design.show(one), design.show(two)
        if a != b:
            yield design.change("concatenation", (one, b), (two, a))


def _identifier(design: Design, node: Any) -> Iterator[Change]:
    token = node.identifier
    name = token.valueText
    if (
        name in design.clocks
        or name not in design.inputs
        or kind_of(node.parent) == "SignalEventExpression"
    ):
        return
    for other in design.inputs:
        same = design.widths.get(other) == design.widths.get(name)
        if same and other != name and other not in design.clocks:
            what = f"{name} -> {other} in {shorten(_line(design, token))}"
            yield design.change("identifier", (token, other), what=what)


def _line(design: Design, token: Any) -> str:
    start, end = design.span(token)
    first = design.text.rfind(b"\n", 0, start) + 1
    return design.text[first : design.text.find(b"\n", end) % (len(design.text) + 1)].decode()


EXPRESSION_RULES: dict[str, Rule] = {
    **dict.fromkeys(_SELECTS, _bounds),
    "IntegerLiteralExpression": _integer,
    "IntegerVectorExpression": _vector,
    "UnbasedUnsizedLiteralExpression": _unbased,
    "BinaryExpressionSyntax": _binary,
    "PrefixUnaryExpressionSyntax": _unary,
    "PostfixUnaryExpressionSyntax": _unary,
    "ConditionalExpression": _choice,
    "ConcatenationExpression": _concatenation,
    "IdentifierName": _identifier,
    "IdentifierSelectName": _identifier,
}
"""The rule for each kind of node, or for its class where slang has a kind for each operator."""
