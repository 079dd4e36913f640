"""The rules of mutation: what can go wrong at each kind of node."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from itertl_eval.mutate._design import Change, Design, children, kind_of, shorten, walk

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
"""Binary operators and what each is mistaken for, by kind of mutant."""
UNARY: dict[str, dict[str, tuple[str, ...]]] = {
    "arithmetic": {"-": ("",), "++": ("--",), "--": ("++",)},
    "logical": {"!": ("",)},
    "bitwise": {"~": ("",)},
    "reduction": {
        "&": ("|", "~&"), "|": ("&", "~|"), "^": ("~^", "|"),
        "~&": ("&",), "~|": ("|",), "~^": ("^",), "^~": ("^",),
    },
}  # fmt: skip
_RESET_NAME = re.compile(r"re?se?t|clr|clear|^a?r$", re.IGNORECASE)
_TERMS = ("+", "-", "*", "&", "|", "^", "&&", "||")
_ASSIGNMENTS = ("AssignmentExpression", "NonblockingAssignmentExpression")
_SELECTS = ("SimpleRangeSelect", "AscendingRangeSelect", "DescendingRangeSelect", "BitSelect")
_DIGITS = {"b": 1, "o": 3, "h": 4}


Rule = Callable[[Design, Any], Iterator[Change]]


def _binary(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node) in _ASSIGNMENTS:
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


def _off_by_one(design: Design, node: Any) -> Iterator[Change]:
    text = design.show(node)
    if text.isdigit():
        new = [str(value) for value in (int(text) + 1, int(text) - 1) if value >= 0]
    else:
        new = [f"({text}) + 1", f"({text}) - 1"]
    yield from (design.change("bound", (node, other)) for other in new)


def _bounds(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.parent) == "RangeDimensionSpecifier":  # a declaration: one bit too few
        if design.show(node.left).isdigit() and int(design.show(node.left)) > 0:
            yield design.change("bound", (node.left, str(int(design.show(node.left)) - 1)))
        return
    ends = [node.expr] if kind_of(node) == "BitSelect" else [node.left, node.right]
    for end in ends:
        yield from _off_by_one(design, end)


def _for(design: Design, node: Any) -> Iterator[Change]:
    for start in children(node.initializers):
        if hasattr(start, "declarators"):
            start = children(start.declarators)[0]
        value = getattr(start, "right", None) or getattr(start, "initializer", None)
        if value is not None:
            yield from _off_by_one(design, getattr(value, "expr", value))
    yield from _last(design, node)


def _generate(design: Design, node: Any) -> Iterator[Change]:
    yield from _off_by_one(design, node.initialExpr)
    yield from _last(design, node)


def _last(design: Design, loop: Any) -> Iterator[Change]:
    if hasattr(loop.stopExpr, "right"):
        yield from _off_by_one(design, loop.stopExpr.right)


def _if(design: Design, node: Any) -> Iterator[Change]:
    then, condition = design.show(node.statement), node.predicate
    if node.elseClause is None:
        yield design.change("condition", (condition, _negated(design, condition)))
        yield design.change("drop", (node, then), what=f"if ({shorten(design.show(condition))})")
        return
    other = node.elseClause.clause
    yield design.change(
        "branches", (node.statement, _block(design.show(other))), (other, _block(then)),
        what=f"branches of if ({shorten(design.show(condition))}) swapped",
    )  # fmt: skip
    yield design.change("drop", (node.elseClause, ""))


def _block(statement: str) -> str:
    return f"begin {statement} end"


def _negated(design: Design, predicate: Any) -> str:
    text = design.show(predicate)
    simple = re.fullmatch(r"[!~]\s*(\w+)", text)
    return simple[1] if simple else f"!({text})"


def _choice(design: Design, node: Any) -> Iterator[Change]:
    left, right = design.show(node.left), design.show(node.right)
    if left != right:
        yield design.change("branches", (node.left, f"({right})"), (node.right, left))


def _case(design: Design, node: Any) -> Iterator[Change]:
    items = [item for item in children(node.items) if hasattr(item, "clause")]
    for one, two in pairwise(items):
        a, b = design.show(one.clause), design.show(two.clause)
        if a != b:
            yield design.change("case-arms", (one.clause, b), (two.clause, a))
    for item in items:
        if design.show(item).strip() != "default: ;":
            yield design.change("drop", (item, ""))
    sites = [
        site
        for item in items
        for inner in walk(item.clause)
        if kind_of(inner) in _ASSIGNMENTS
        for site in _leaves(inner.right)
        if design.show(site) in design.constants or kind_of(site).startswith("Integer")
    ]
    for site in sites:
        for other in dict.fromkeys(design.show(site) for site in sites):
            if other != design.show(site):
                yield design.change("next-state", (site, other))


def _leaves(value: Any) -> Iterator[Any]:
    """The values that an expression of ?: and parentheses can have."""
    if kind_of(value) == "ConditionalExpression":
        yield from _leaves(value.left)
        yield from _leaves(value.right)
    elif kind_of(value) == "ParenthesizedExpression":
        yield from _leaves(value.expression)
    else:
        yield value


def _assignment(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.expr) not in _ASSIGNMENTS:
        return
    token = node.expr.operatorToken
    other = {"=": "<=", "<=": "="}.get(token.rawText)
    if other and design.span(node.expr)[0] not in design.exchangeable:
        what = f"{token.rawText} -> {other} in {shorten(design.show(node))}"
        yield design.change("assignment", (token, other), what=what)
    if kind_of(node.parent) != "InitialBlock":
        yield design.change("drop", (node, ";"))


def _initial(design: Design, node: Any) -> Iterator[Change]:
    yield design.change("drop", (node, ""))


def _declarator(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.parent) == "DataDeclaration" and node.initializer is not None:
        yield design.change("drop", (node.initializer, ""))


def _process(design: Design, node: Any) -> Iterator[Change]:
    """Clock edge, reset polarity and reset kind of `always @(edges) if (reset) ... else ...`."""
    control = node.timingControl
    if kind_of(control) != "EventControlWithExpression":
        return
    events = [e for e in walk(control) if kind_of(e) == "SignalEventExpression"]
    edges = {design.show(e.expr): e for e in events if e.edge.rawText in ("posedge", "negedge")}
    body = node.statement
    while kind_of(body) == "SequentialBlockStatement" and len(children(body.items)) == 1:
        body = children(body.items)[0]
    found, reset = None, ""
    if kind_of(body) == "ConditionalStatement" and body.elseClause is not None:
        found = re.fullmatch(r"([!~]?)\s*(\w+)", design.show(body.predicate).strip())
        reset = found[2] if found else ""
    for name, event in edges.items():
        if name != reset:
            yield design.change("clock-edge", (event.edge, _other_edge(event)))
    if found is None or not edges:
        return
    negated = (body.predicate, _negated(design, body.predicate))
    if reset in edges and len(edges) > 1:
        event = edges[reset]
        yield design.change("reset-polarity", (event.edge, _other_edge(event)), negated)
        kept = " or ".join(design.show(e) for e in events if design.show(e.expr) != reset)
        yield design.change("reset-kind", (control, f"@({kept})"))
    elif _RESET_NAME.search(reset) and reset not in edges:
        yield design.change("reset-polarity", negated)
        listed = " or ".join(design.show(e) for e in events)
        edge = "negedge" if found[1] else "posedge"
        yield design.change("reset-kind", (control, f"@({listed} or {edge} {reset})"))


def _other_edge(event: Any) -> str:
    return {"posedge": "negedge", "negedge": "posedge"}[event.edge.rawText]


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


def _stuck_bits(design: Design) -> Iterator[Change]:
    """One bit of a signal stuck at 0 or 1, in every assignment to that signal."""
    assigned: dict[str, list[Any]] = {}
    for node in design.nodes:
        if kind_of(node) in _ASSIGNMENTS and kind_of(node.parent) != "ForLoopStatement":
            assigned.setdefault(design.show(node.left), []).append(node.right)
    for name, values in assigned.items():
        parts = [design.widths.get(part.strip(), 0) for part in name.strip("{}").split(",")]
        width = sum(parts) if all(parts) else 0
        for bit in sorted({0, width // 2, width - 1}) if width else ():
            for mask, operator in ((1 << bit, "|"), ((1 << width) - 1 ^ 1 << bit, "&")):
                literal = f"{width}'h{mask:x}"
                edits = [(v, f"({design.show(v)}) {operator} {literal}") for v in values]
                stuck = f"{name}[{bit}] stuck at {int(operator == '|')}"
                yield design.change("stuck-bit", *edits, what=stuck)


RULES: dict[str, Rule] = {
    **dict.fromkeys(_SELECTS, _bounds),
    "IntegerLiteralExpression": _integer,
    "IntegerVectorExpression": _vector,
    "UnbasedUnsizedLiteralExpression": _unbased,
    "BinaryExpressionSyntax": _binary,
    "PrefixUnaryExpressionSyntax": _unary,
    "PostfixUnaryExpressionSyntax": _unary,
    "ForLoopStatement": _for,
    "LoopGenerate": _generate,
    "ConditionalStatement": _if,
    "ConditionalExpression": _choice,
    "CaseStatement": _case,
    "ExpressionStatement": _assignment,
    "InitialBlock": _initial,
    "Declarator": _declarator,
    "TimingControlStatement": _process,
    "ConcatenationExpression": _concatenation,
    "IdentifierName": _identifier,
    "IdentifierSelectName": _identifier,
}
"""The rule for each kind of node, or for its class where slang has a kind for each operator."""


def changes(source: str, top: str) -> Iterator[Change]:
    """Every change that a rule has for a design."""
    design = Design(source, top)
    for node in design.nodes:
        rule = RULES.get(kind_of(node)) or RULES.get(type(node).__name__)
        yield from rule(design, node) if rule else ()
    yield from _stuck_bits(design)
