"""The processes of a module: what each reads, what each assigns, and in which order.

Only plain processes are understood: clocked by inputs, or combinational without latches, in one
module without instances. Anything else raises `Unsure`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyslang.ast import ProceduralBlockKind, StatementBlockKind, VisitAction

Key = tuple[str, int]
"""A variable or net: its name and where it is declared."""
Branches = tuple[tuple[int, int], ...]
"""The arms that lead to a place: (number of the if or case, number of the arm)."""
Loops = tuple[int, ...]
"""The numbers of the loops around a place."""


class Unsure(Exception):
    """The design has something that these rules do not cover."""


@dataclass
class Access:
    """A read, or a write by the assignment at `offset`, and its place in the process."""

    key: Key
    order: int
    branches: Branches
    loops: Loops
    offset: int = -1
    nonblocking: bool = False

    def excludes(self, other: Access) -> bool:
        """Return whether the two are in different arms of an if or case, so never both run."""
        arms = dict(self.branches)
        apart = any(arms.get(choice, arm) != arm for choice, arm in other.branches)
        return apart and not self.repeats(other)

    def repeats(self, other: Access) -> bool:
        """Return whether a loop contains both, so that each comes before and after the other."""
        return bool(set(self.loops) & set(other.loops))


@dataclass
class Process:
    """A process with its reads and writes in order.

    `run`, `fork` and `assign` return what is assigned as a whole and on every path.
    """

    kind: str
    """clocked, combinational or initial"""
    clocks: set[Key] = field(default_factory=set)
    """What a clocked process waits for."""
    reads: list[Access] = field(default_factory=list)
    writes: list[Access] = field(default_factory=list)
    steps: int = 0

    def run(self, statement: Any, branches: Branches = (), loops: Loops = ()) -> set[Key]:
        """Note what a statement reads and writes."""
        kind = type(statement).__name__
        if kind == "StatementList":
            return set().union(*(self.run(inner, branches, loops) for inner in statement.list))
        if kind == "BlockStatement" and statement.blockKind == StatementBlockKind.Sequential:
            return self.run(statement.body, branches, loops)
        if kind in ("EmptyStatement", "VariableDeclStatement"):
            if kind == "VariableDeclStatement" and statement.symbol.initializer is not None:
                self.look(statement.symbol.initializer, branches, loops)
            return set()
        if kind == "ExpressionStatement":
            return self.assign(statement.expr, branches, loops)
        if kind == "ConditionalStatement":
            for condition in statement.conditions:
                self.look(condition.expr, branches, loops)
            arms = [statement.ifTrue, statement.ifFalse]
            return self.fork(arms, None not in arms, branches, loops)
        if kind == "CaseStatement":
            self.look(statement.expr, branches, loops)
            for item in statement.items:
                for expression in item.expressions:
                    self.look(expression, branches, loops)
            arms = [*(item.stmt for item in statement.items), statement.defaultCase]
            return self.fork(arms, arms[-1] is not None, branches, loops)
        if kind == "ForLoopStatement":
            self.steps += 1
            inside = (*loops, self.steps)
            for part in (*statement.initializers, statement.stopExpr, *statement.steps):
                self.look(part, branches, inside, loop=True)
            self.run(statement.body, branches, inside)
            return set()
        raise Unsure

    def fork(self, arms: list[Any], complete: bool, branches: Branches, loops: Loops) -> set[Key]:
        """Note what the arms of an if or case read and write."""
        self.steps += 1
        choice = self.steps
        found = [
            self.run(arm, (*branches, (choice, number)), loops)
            for number, arm in enumerate(arms)
            if arm is not None
        ]
        return set.intersection(*found) if complete else set()

    def assign(self, expression: Any, branches: Branches, loops: Loops) -> set[Key]:
        """Note what an assignment reads and writes."""
        if type(expression).__name__ != "AssignmentExpression" or expression.timingControl:
            raise Unsure
        self.look(expression.right, branches, loops, loop=expression.isCompound)
        targets = list(_targets(expression.left))
        for symbol, selectors, _ in targets:
            for selector in selectors:
                self.look(selector, branches, loops)
            if expression.isCompound:
                self.reads.append(Access(key_of(symbol), self.steps, branches, loops))
        self.steps += 1
        for symbol, _, _ in targets:
            place = expression.sourceRange.start.offset
            access = Access(
                key_of(symbol), self.steps, branches, loops, place, expression.isNonBlocking
            )
            self.writes.append(access)
        return {key_of(symbol) for symbol, _, whole in targets if whole}

    def look(self, expression: Any, branches: Branches, loops: Loops, loop: bool = False) -> None:
        """Note what an expression reads. In the head of a `loop` it may also assign."""
        for symbol in _named(expression, loop):
            self.reads.append(Access(key_of(symbol), self.steps, branches, loops))


def key_of(symbol: Any) -> Key:
    """Return the key of one of slang's symbols."""
    return str(symbol.name), int(symbol.location.offset)


_SIGNALS = ("VariableSymbol", "NetSymbol")


def _named(expression: Any, assigns: bool = False) -> Iterator[Any]:
    """Yield the variables and nets that an expression reads."""
    found: list[Any] = []
    unsure: list[str] = []

    def visit(node: Any) -> VisitAction:
        kind = type(node).__name__
        changes = kind == "AssignmentExpression" or (
            kind == "UnaryExpression" and "crement" in node.op.name
        )
        if (changes and not assigns) or kind.startswith(("Hierarchical", "Streaming")):
            unsure.append(kind)
        elif kind == "NamedValueExpression" and type(node.symbol).__name__ in _SIGNALS:
            found.append(node.symbol)
        return VisitAction.Advance

    expression.visit(visit)
    if unsure:
        raise Unsure
    yield from found


def _targets(left: Any, whole: bool = True) -> Iterator[tuple[Any, list[Any], bool]]:
    """Yield what an assignment writes: the variable, its indices, whether all of it."""
    kind = type(left).__name__
    if kind == "NamedValueExpression":
        yield left.symbol, [], whole
    elif kind == "ConcatenationExpression":
        for operand in left.operands:
            yield from _targets(operand, whole)
    elif kind in ("ElementSelectExpression", "RangeSelectExpression"):
        inner = [left.selector] if kind.startswith("Element") else [left.left, left.right]
        for symbol, selectors, _ in _targets(left.value):
            yield symbol, [*selectors, *inner], False
    elif kind == "MemberAccessExpression":
        for symbol, selectors, _ in _targets(left.value):
            yield symbol, selectors, False
    else:
        raise Unsure


_HARMLESS = (
    "ParameterSymbol",
    "GenvarSymbol",
    "StatementBlockSymbol",
    "TypeAliasType",
    "TransparentMemberSymbol",
    "EmptyMemberSymbol",
    "TypeParameterSymbol",
    "VariableSymbol",
)


def processes_of(scope: Iterable[Any]) -> Iterator[Process]:
    """Yield the processes of an elaborated module or block.

    Raises:
        Unsure: It has something that is not understood.
    """
    for member in scope:
        kind = type(member).__name__
        if kind in ("GenerateBlockArraySymbol", "GenerateBlockSymbol"):
            if not getattr(member, "isUninstantiated", False):
                yield from processes_of(member)
        elif kind == "ContinuousAssignSymbol" and member.delay is None:
            process = Process("combinational")
            process.assign(member.assignment, (), ())
            yield process
        elif kind == "NetSymbol" and member.delay is None:
            process = Process("combinational")
            if member.initializer is not None:
                process.look(member.initializer, (), ())
                process.writes.append(Access(key_of(member), 1, (), ()))
            yield process
        elif kind == "ProceduralBlockSymbol":
            yield _procedural(member)
        elif kind == "SubroutineSymbol":
            around = member.syntax.sourceRange
            for symbol in _named(member.body, assigns=True):
                if not around.start.offset <= symbol.location.offset < around.end.offset:
                    raise Unsure
        elif kind == "PortSymbol" and member.direction.name in ("In", "Out"):
            pass
        elif kind not in _HARMLESS:
            raise Unsure


def _procedural(block: Any) -> Process:
    """Return the process of an always or initial block."""
    kind, body = block.procedureKind, block.body
    control = None
    if type(body).__name__ == "TimedStatement":
        body, control = body.stmt, body.timing
    timing = type(control).__name__
    if kind == ProceduralBlockKind.Initial and control is None:
        process = Process("initial")
        process.run(body)
    elif kind == ProceduralBlockKind.AlwaysComb or timing == "ImplicitEventControl":
        process = Process("combinational")
        whole = process.run(body)
        if {access.key for access in process.writes} - whole:
            raise Unsure  # a latch
    elif timing in ("SignalEventControl", "EventListControl"):
        process = Process("clocked")
        for event in getattr(control, "events", [control]):
            if type(event).__name__ != "SignalEventControl" or event.iffCondition is not None:
                raise Unsure
            if event.edge.name not in ("PosEdge", "NegEdge"):
                raise Unsure
            process.clocks |= {key_of(symbol) for symbol in _named(event.expr)}
        process.run(body)
    else:
        raise Unsure
    return process


__all__ = ["Access", "Key", "Process", "Unsure", "key_of", "processes_of"]
