"""Find code that a simulator and a synthesis tool read differently.

Yosys gives such code one meaning, and a proof would hold for that one alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from itertl_eval.verilog import slang

_EDGES = {"PosEdge", "NegEdge", "BothEdges"}
_SIGNALS = {"Net", "Variable"}


def hazard(text: str, top: str, parameters: Mapping[str, int]) -> str:
    """Return why a proof about a design would not hold for its simulation, or "".

    Args:
        text: The design.
        top: Its top module.
        parameters: The values of its parameters.
    """
    try:
        compilation, _ = slang.compile_text(text, top, parameters)
    except slang.TooDeep as error:
        return f"slang can't read it: {error}"
    nodes: list[Any] = []
    for instance in compilation.getRoot().topInstances:
        instance.visit(nodes.append)
    clocked = []
    for node in nodes:
        if type(node).__name__ != "ProceduralBlockSymbol":
            continue
        if type(node.body).__name__ != "TimedStatement":
            continue
        events = _events(node.body.timing)
        if any(edge in _EDGES for _, edge in events):
            clocked.append(_Block(node.body.stmt))
        elif events:
            listed = {name for expression, _ in events for name in _names(expression)}
            forgotten = _Block(node.body.stmt).inputs - listed
            if forgotten:
                return f"{min(forgotten)} is missing in a sensitivity list"
    for block in clocked:
        for other in clocked:
            if other is not block and (raced := block.blocking & other.read):
                return f"clocked blocks race for {min(raced)}"
    return ""


def _events(timing: Any) -> list[tuple[Any, str]]:
    """(expression, edge) of each event in a list; empty for @*."""
    return [
        (event.expr, event.edge.name)
        for event in getattr(timing, "events", None) or [timing]
        if type(event).__name__ == "SignalEventControl"
    ]


class _Block:
    """What a process reads and writes, by hierarchical name.

    `inputs` are the signals that it reads before it writes them, `blocking` those that it writes
    with `=`.
    """

    def __init__(self, statement: Any) -> None:
        self.read: set[str] = set()
        self.blocking: set[str] = set()
        self.inputs: set[str] = set()
        nodes: list[Any] = []
        statement.visit(nodes.append)
        targets: set[int] = set()
        written: dict[str, int] = {}
        for node in nodes:
            if type(node).__name__ == "AssignmentExpression" and not node.isCompound:
                for target in _targets(node.left):
                    targets.add(_place(target))
                    name = target.symbol.hierarchicalPath
                    written.setdefault(name, _place(target))
                    if not node.isNonBlocking:
                        self.blocking.add(name)
        for node in nodes:
            if (name := _signal(node)) and _place(node) not in targets:
                self.read.add(name)
                if _place(node) < written.get(name, _place(node) + 1):
                    self.inputs.add(name)


def _place(node: Any) -> int:
    return int(node.sourceRange.start.offset)


def _signal(node: Any) -> str:
    """The hierarchical name of the signal that an expression names, or ""."""
    if type(node).__name__ not in ("NamedValueExpression", "HierarchicalValueExpression"):
        return ""
    symbol = node.symbol
    return str(symbol.hierarchicalPath) if symbol.kind.name in _SIGNALS else ""


def _names(expression: Any) -> Iterator[str]:
    nodes: list[Any] = []
    expression.visit(nodes.append)
    return (name for node in nodes if (name := _signal(node)))


def _targets(expression: Any) -> Iterator[Any]:
    """The named values that an assignment's left side writes."""
    kind = type(expression).__name__
    if kind == "ConcatenationExpression":
        for operand in expression.operands:
            yield from _targets(operand)
    elif kind in ("ElementSelectExpression", "RangeSelectExpression", "MemberAccessExpression"):
        yield from _targets(expression.value)
    elif _signal(expression):
        yield expression
