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
        nodes = _nodes(text, top, parameters)
    except slang.TooDeep as error:
        return f"slang can't read it: {error}"
    clocked = []
    for events, block in _processes(nodes):
        if any(edge in _EDGES for _, edge in events):
            clocked.append(block)
        elif forgotten := _forgotten(events, block):
            return f"{min(forgotten)} is missing in a sensitivity list"
    for block in clocked:
        for other in clocked:
            if other is not block and (raced := block.blocking & other.read):
                return f"clocked blocks race for {min(raced)}"
    return ""


def forgotten_input(text: str, top: str) -> str:
    """Return a signal that a sensitivity list lacks, so that a simulation shows old outputs, or "".

    What the block itself writes is its memory, and what only initial blocks write never changes.
    """
    try:
        nodes = _nodes(text, top, {})
    except slang.TooDeep:
        return ""
    blocks = [node for node in nodes if type(node).__name__ == "ProceduralBlockSymbol"]
    first = [node for node in blocks if node.procedureKind.name == "Initial"]
    later = [node for node in blocks if node.procedureKind.name != "Initial"]
    fixed = {name for node in first for name in _Block(node.body).written}
    fixed -= {name for node in later for name in _Block(node.body).written}
    for events, block in _processes(nodes):
        if not any(edge in _EDGES for _, edge in events):
            forgotten = _forgotten(events, block) - block.written - fixed
            if forgotten:
                return min(forgotten).removeprefix(f"{top}.")
    return ""


def _nodes(text: str, top: str, parameters: Mapping[str, int]) -> list[Any]:
    compilation, _ = slang.compile_text(text, top, parameters)
    nodes: list[Any] = []
    for instance in compilation.getRoot().topInstances:
        instance.visit(nodes.append)
    return nodes


def _processes(nodes: list[Any]) -> Iterator[tuple[list[tuple[Any, str]], _Block]]:
    """The events and the statement of each block that waits for events first."""
    for node in nodes:
        if (
            type(node).__name__ == "ProceduralBlockSymbol"
            and type(node.body).__name__ == "TimedStatement"
        ):
            yield _events(node.body.timing), _Block(node.body.stmt)


def _forgotten(events: list[tuple[Any, str]], block: _Block) -> set[str]:
    """What a block reads and its events lack; nothing for @*."""
    listed = {name for expression, _ in events for name in _names(expression)}
    return block.inputs - listed if events else set()


def _events(timing: Any) -> list[tuple[Any, str]]:
    """(expression, edge) of each event in a list; empty for @*."""
    return [
        (event.expr, event.edge.name)
        for event in getattr(timing, "events", None) or [timing]
        if type(event).__name__ == "SignalEventControl"
    ]


class _Block:
    """What a process reads and writes, by hierarchical name.

    `inputs` are the signals that it reads before it writes them, `written` those that it assigns,
    `blocking` those of them that it assigns with `=`.
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
        local = set(_declared(nodes))
        for node in nodes:
            if (name := _signal(node)) and name not in local and _place(node) not in targets:
                self.read.add(name)
                if _place(node) < written.get(name, _place(node) + 1):
                    self.inputs.add(name)
        self.written = set(written)


def _declared(nodes: list[Any]) -> Iterator[str]:
    """The variables that statements declare."""
    for node in nodes:
        if type(node).__name__ == "VariableDeclStatement":
            yield node.symbol.hierarchicalPath
        elif type(node).__name__ == "ForLoopStatement":
            yield from (variable.hierarchicalPath for variable in node.loopVars)


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
