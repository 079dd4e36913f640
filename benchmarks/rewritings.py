"""Rewrite a design without changing its behaviour, as honest solutions differ from a reference.

Each rewriting is made on slang's syntax tree from the whole design at once. A header that the
benchmark gives stays as it is, since a completion has to continue it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from itertl_eval.authoring.mutate._design import Design, Edit, kind_of
from itertl_eval.problem import Problem

_COMMUTE = ("+", "*", "&", "|", "^", "==", "!=", "&&", "||")
_UNKNOWN_DIGITS = re.compile(r"'\w*[xz?]", re.IGNORECASE)


def rewritings(problem: Problem) -> Iterator[tuple[str, str]]:
    """Yield (name, source) of each rewriting that changes this reference."""
    design = Design(problem.reference, problem.top)
    for name, rule in RULES.items():
        edits: list[Edit] = []
        for edit in sorted(set(rule(design, problem)), key=lambda edit: (edit[1] - edit[0], edit)):
            apart = all(edit[1] <= start or end <= edit[0] for start, end, _ in edits)
            if edit[0] >= 0 and apart:
                edits.append(edit)  # the innermost first; what encloses it stays
        text = design.text
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new.encode() + text[end:]
        if edits:
            yield name, text.decode()
    if not re.search(r"\boutput\s+reg\b", problem.prompt.header):  # an instance drives no reg
        yield "hierarchy", _hierarchy(problem)


def _systemverilog(design: Design, _: Problem) -> Iterator[Edit]:
    """Write always_comb and always_ff for always, logic for reg."""
    for node in design.nodes:
        if kind_of(node) == "AlwaysBlock" and kind_of(node.statement) == "TimingControlStatement":
            (start, end), control = design.span(node.keyword), node.statement.timingControl
            if "edge" in design.show(control):
                yield start, end, "always_ff"
            elif "*" in design.show(control):
                yield start, design.span(control)[1], "always_comb"
        elif kind_of(node) == "RegType":
            yield *design.span(node.keyword), "logic"


def _casez(design: Design, _: Problem) -> Iterator[Edit]:
    for node in design.nodes:
        unknown = kind_of(node) == "CaseStatement" and _UNKNOWN_DIGITS.search(design.show(node))
        if kind_of(node) == "CaseStatement" and node.caseKeyword.rawText == "case" and not unknown:
            yield *design.span(node.caseKeyword), "casez"


def _operands(design: Design, _: Problem) -> Iterator[Edit]:
    """Write b + a for a + b."""
    for node in design.nodes:
        if type(node).__name__ == "BinaryExpressionSyntax" and hasattr(node, "operatorToken"):
            operator = node.operatorToken.rawText
            if operator in _COMMUTE:
                left, right = design.show(node.left), design.show(node.right)
                yield *design.span(node), f"({right}) {operator} ({left})"


def _branches(design: Design, _: Problem) -> Iterator[Edit]:
    """Write !c ? b : a for c ? a : b, and the same for if and else."""
    for node in design.nodes:
        if kind_of(node) == "ConditionalExpression":
            condition, left, right = map(design.show, (node.predicate, node.left, node.right))
            yield *design.span(node), f"!({condition}) ? ({right}) : ({left})"
        elif kind_of(node) == "ConditionalStatement" and node.elseClause is not None:
            condition, then = design.show(node.predicate), design.show(node.statement)
            other = design.show(node.elseClause.clause)
            if not any("edge" in design.show(p) for p in _around(node)):  # a reset comes first
                new = f"if (!({condition})) begin {other} end else begin {then} end"
                yield *design.span(node), new


def _around(node: Any) -> Iterator[Any]:
    """Yield the timing control of the process that consists of this statement."""
    blocks = ("SequentialBlockStatement", "SyntaxList", "TimingControlStatement")
    while kind_of(node.parent) in blocks:
        node = node.parent
        if kind_of(node) == "TimingControlStatement":
            yield node.timingControl


def _names(design: Design, problem: Problem) -> Iterator[Edit]:
    """Rename every signal inside the module."""
    ports = {port.name for port in problem.ports}
    own = {
        node.name.valueText
        for node in design.nodes
        if kind_of(node) == "Declarator" and node.name.valueText not in ports
    }
    for node in design.nodes:
        token = getattr(node, "name" if kind_of(node) == "Declarator" else "identifier", None)
        if getattr(token, "valueText", None) in own:
            yield *design.span(token), f"my_{token.valueText}"


def _hierarchy(problem: Problem) -> str:
    """Return the design as an inner module with a wrapper around it."""
    header = problem.prompt.header
    if not header:
        header = f"module {problem.top} ({', '.join(map(str, problem.ports))});\n"
    pins = ", ".join(f".{port.name}({port.name})" for port in problem.ports)
    inner = re.sub(rf"\bmodule\s+{problem.top}\b", "module inner_design", problem.reference)
    return f"{header}\n  inner_design inner ({pins});\nendmodule\n{inner}"


RULES: dict[str, Callable[[Design, Problem], Iterator[Edit]]] = {
    "systemverilog": _systemverilog,
    "casez": _casez,
    "operands": _operands,
    "branches": _branches,
    "names": _names,
}
