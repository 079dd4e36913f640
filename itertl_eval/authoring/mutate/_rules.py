"""The rules of mutation for statements, and all rules by kind of node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from itertl_eval.authoring.mutate._design import Change, Design, children, kind_of, shorten, walk
from itertl_eval.authoring.mutate._expressions import (
    ASSIGNMENTS,
    EXPRESSION_RULES,
    Rule,
    off_by_one,
)

_RESET_NAME = re.compile(r"re?se?t|clr|clear|^a?r$", re.IGNORECASE)


def _for(design: Design, node: Any) -> Iterator[Change]:
    for start in children(node.initializers):
        if hasattr(start, "declarators"):
            start = children(start.declarators)[0]
        value = getattr(start, "right", None) or getattr(start, "initializer", None)
        if value is not None:
            yield from off_by_one(design, getattr(value, "expr", value))
    yield from _last(design, node)


def _generate(design: Design, node: Any) -> Iterator[Change]:
    yield from off_by_one(design, node.initialExpr)
    yield from _last(design, node)


def _last(design: Design, loop: Any) -> Iterator[Change]:
    if hasattr(loop.stopExpr, "right"):
        yield from off_by_one(design, loop.stopExpr.right)


def _if(design: Design, node: Any) -> Iterator[Change]:
    then, condition = design.show(node.statement), node.predicate
    if node.elseClause is None:
        yield design.change("condition", (condition, _negated(design, condition)))
        yield design.change("drop", (node, then), what=f"if ({shorten(design.show(condition))})")
        return
    other = node.elseClause.clause
    swapped = (node.statement, _block(design.show(other))), (other, _block(then))
    what = f"branches of if ({shorten(design.show(condition))}) swapped"
    yield design.change("branches", *swapped, what=what)
    yield design.change("drop", (node.elseClause, ""))


def _block(statement: str) -> str:
    return f"begin {statement} end"


def _negated(design: Design, predicate: Any) -> str:
    text = design.show(predicate)
    simple = re.fullmatch(r"[!~]\s*(\w+)", text)
    return simple[1] if simple else f"!({text})"


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
        if kind_of(inner) in ASSIGNMENTS
        for site in _leaves(inner.right)
        if design.show(site) in design.constants or kind_of(site).startswith("Integer")
    ]
    for site in sites:
        for other in dict.fromkeys(design.show(site) for site in sites):
            if other != design.show(site):
                yield design.change("next-state", (site, other))


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the values that an expression of ?: and parentheses can have."""
    if kind_of(value) == "ConditionalExpression":
        yield from _leaves(value.left)
        yield from _leaves(value.right)
    elif kind_of(value) == "ParenthesizedExpression":
        yield from _leaves(value.expression)
    else:
        yield value


def _assignment(design: Design, node: Any) -> Iterator[Change]:
    if kind_of(node.expr) not in ASSIGNMENTS:
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
    """Change the edge, the reset or the sensitivity list of an always block."""
    control = node.timingControl
    if kind_of(control) == "ImplicitEventControl":
        yield from _sensitivity(design, control, sorted(_read(design, node.statement)))
    if kind_of(control) != "EventControlWithExpression":
        return
    events = [e for e in walk(control) if kind_of(e) == "SignalEventExpression"]
    if not any(e.edge.rawText for e in events):
        yield from _sensitivity(design, control, [design.show(e.expr) for e in events])
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


def _sensitivity(design: Design, control: Any, names: list[str]) -> Iterator[Change]:
    """Leave one name out of a sensitivity list."""
    if len(names) < 2 or design.arrays & set(names):
        return
    for name in names:
        listed = " or ".join(other for other in names if other != name)
        yield design.change("sensitivity", (control, f"@({listed})"), what=f"@ without {name}")


def _read(design: Design, body: Any) -> set[str]:
    """Return the signals that a block reads and does not assign itself."""
    nodes = list(walk(body))
    assigned = {
        name for node in nodes if kind_of(node) in ASSIGNMENTS for name in _bases(node.left)
    }
    return {_base(node) for node in nodes} & set(design.widths) - assigned


def _bases(target: Any) -> Iterator[str]:
    """Yield the names of the signals that an assignment writes, without those in indices."""
    if name := _base(target):
        yield name
    elif kind_of(target) == "ConcatenationExpression":
        for part in children(target.expressions):
            yield from _bases(part)
    elif hasattr(target, "left"):
        yield from _bases(target.left)


def _base(node: Any) -> str:
    """Return the name that an identifier begins with, or ""."""
    named = kind_of(node) in ("IdentifierName", "IdentifierSelectName")
    return str(node.identifier.valueText) if named else ""


def _other_edge(event: Any) -> str:
    return {"posedge": "negedge", "negedge": "posedge"}[event.edge.rawText]


def _stuck_bits(design: Design) -> Iterator[Change]:
    """One bit of a signal of the top is stuck at 0 or 1, in every assignment to that signal."""
    assigned: dict[str, list[Any]] = {}
    for node in design.nodes:
        if not _is_in(node, design.top):
            continue
        if kind_of(node) in ASSIGNMENTS and kind_of(node.parent) != "ForLoopStatement":
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


def _is_in(node: Any, module: str) -> bool:
    """Whether a node belongs to the module of that name."""
    while node is not None and kind_of(node) != "ModuleDeclaration":
        node = node.parent
    return node is not None and node.header.name.valueText == module


RULES: dict[str, Rule] = {
    **EXPRESSION_RULES,
    "ForLoopStatement": _for,
    "LoopGenerate": _generate,
    "ConditionalStatement": _if,
    "CaseStatement": _case,
    "ExpressionStatement": _assignment,
    "InitialBlock": _initial,
    "Declarator": _declarator,
    "TimingControlStatement": _process,
}
"""The rule for each kind of node, or for its class where slang has a kind for each operator."""


def changes(design: Design) -> Iterator[Change]:
    """Yield every change that a rule makes in a design."""
    for node in design.nodes:
        rule = RULES.get(kind_of(node)) or RULES.get(type(node).__name__)
        yield from rule(design, node) if rule else ()
    yield from _stuck_bits(design)
