"""Which exchanges of = and <= change nothing: shown by the rules of simulation, never guessed.

Both give a variable the same value in the same time step, = at once and <= after all processes
that run at that moment. So it makes no difference where nothing that runs at that moment looks
at the variable, or at what follows from it through combinational logic, once it is assigned.
That is shown here for designs of one module whose processes are plain: clocked by inputs of
which no two change at the same moment, or combinational without latches. Anything else counts
as unsure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyslang.ast import ProceduralBlockKind, StatementBlockKind, VisitAction

Key = tuple[str, int]
"""A variable or net: its name and where it is declared."""


class _Unsure(Exception):
    """The design has something that these rules do not cover."""


@dataclass
class _Access:
    """A read, or a write by the assignment at `offset`, at its place in the process."""

    key: Key
    order: int
    branches: tuple[tuple[int, int], ...]
    loops: tuple[int, ...]
    offset: int = -1
    nonblocking: bool = False

    def excludes(self, other: _Access) -> bool:
        """Never in the same run of the process: other arms of the same if or case."""
        arms = dict(self.branches)
        apart = any(arms.get(choice, arm) != arm for choice, arm in other.branches)
        return apart and not self.repeats(other)

    def repeats(self, other: _Access) -> bool:
        """In a loop together, so that each comes before and after the other."""
        return bool(set(self.loops) & set(other.loops))


@dataclass
class _Process:
    """`kind` is clocked, combinational or initial; `clocks` are what a clocked one waits for."""

    kind: str
    clocks: set[Key] = field(default_factory=set)
    reads: list[_Access] = field(default_factory=list)
    writes: list[_Access] = field(default_factory=list)
    steps: int = 0

    # -- statements: each returns what it assigns, wholly and on every path

    def run(self, statement: Any, branches: tuple = (), loops: tuple = ()) -> set[Key]:
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
        raise _Unsure

    def fork(self, arms: list[Any], complete: bool, branches: tuple, loops: tuple) -> set[Key]:
        self.steps += 1
        choice = self.steps
        found = [
            self.run(arm, (*branches, (choice, number)), loops)
            for number, arm in enumerate(arms)
            if arm is not None
        ]
        return set.intersection(*found) if complete else set()

    def assign(self, expression: Any, branches: tuple, loops: tuple) -> set[Key]:
        if type(expression).__name__ != "AssignmentExpression" or expression.timingControl:
            raise _Unsure
        self.look(expression.right, branches, loops, loop=expression.isCompound)
        targets = list(_targets(expression.left))
        for symbol, selectors, _ in targets:
            for selector in selectors:
                self.look(selector, branches, loops)
            if expression.isCompound:
                self.reads.append(_Access(key_of(symbol), self.steps, branches, loops))
        self.steps += 1
        for symbol, _, _ in targets:
            place = expression.sourceRange.start.offset
            access = _Access(
                key_of(symbol), self.steps, branches, loops, place, expression.isNonBlocking
            )
            self.writes.append(access)
        return {key_of(symbol) for symbol, _, whole in targets if whole}

    def look(self, expression: Any, branches: tuple, loops: tuple, loop: bool = False) -> None:
        """Note what an expression reads; only a `loop` may assign, to its own variable."""
        for symbol in _named(expression, loop):
            self.reads.append(_Access(key_of(symbol), self.steps, branches, loops))


def key_of(symbol: Any) -> Key:
    return symbol.name, symbol.location.offset


_SIGNALS = ("VariableSymbol", "NetSymbol")


def _named(expression: Any, assigns: bool = False) -> Iterator[Any]:
    """The variables and nets that an expression reads."""
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
        raise _Unsure
    yield from found


def _targets(left: Any, whole: bool = True) -> Iterator[tuple[Any, list[Any], bool]]:
    """What an assignment writes: the variable, the indices into it, whether all of it."""
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
        raise _Unsure


_HARMLESS = (
    "ParameterSymbol", "GenvarSymbol", "StatementBlockSymbol", "TypeAliasType",
    "TransparentMemberSymbol", "EmptyMemberSymbol", "TypeParameterSymbol", "VariableSymbol",
)  # fmt: skip


def _processes(scope: Iterable[Any]) -> Iterator[_Process]:
    for member in scope:
        kind = type(member).__name__
        if kind in ("GenerateBlockArraySymbol", "GenerateBlockSymbol"):
            if not getattr(member, "isUninstantiated", False):
                yield from _processes(member)
        elif kind == "ContinuousAssignSymbol" and member.delay is None:
            process = _Process("combinational")
            process.assign(member.assignment, (), ())
            yield process
        elif kind == "NetSymbol" and member.delay is None:
            process = _Process("combinational")
            if member.initializer is not None:
                process.look(member.initializer, (), ())
                process.writes.append(_Access(key_of(member), 1, (), ()))
            yield process
        elif kind == "ProceduralBlockSymbol":
            yield _procedural(member)
        elif kind == "SubroutineSymbol":
            around = member.syntax.sourceRange
            for symbol in _named(member.body, assigns=True):
                if not around.start.offset <= symbol.location.offset < around.end.offset:
                    raise _Unsure
        elif kind == "PortSymbol" and member.direction.name in ("In", "Out"):
            pass
        elif kind not in _HARMLESS:
            raise _Unsure


def _procedural(block: Any) -> _Process:
    kind, body = block.procedureKind, block.body
    control = None
    if type(body).__name__ == "TimedStatement":
        body, control = body.stmt, body.timing
    timing = type(control).__name__
    if kind == ProceduralBlockKind.Initial and control is None:
        process = _Process("initial")
        process.run(body)
    elif kind == ProceduralBlockKind.AlwaysComb or timing == "ImplicitEventControl":
        process = _Process("combinational")
        whole = process.run(body)
        if {access.key for access in process.writes} - whole:
            raise _Unsure  # a latch
    elif timing in ("SignalEventControl", "EventListControl"):
        process = _Process("clocked")
        for event in getattr(control, "events", [control]):
            if type(event).__name__ != "SignalEventControl" or event.iffCondition is not None:
                raise _Unsure
            if event.edge.name not in ("PosEdge", "NegEdge"):
                raise _Unsure
            process.clocks |= {key_of(symbol) for symbol in _named(event.expr)}
        process.run(body)
    else:
        raise _Unsure
    return process


def exchangeable(top: Any) -> frozenset[int]:
    """The offsets of the assignments whose = or <= can be the other one without any difference.

    `top` is the body of the elaborated module.
    """
    try:
        processes = list(_processes(top))
    except _Unsure:
        return frozenset()
    ports = [port for port in top if type(port).__name__ == "PortSymbol"]
    inputs = {key_of(port.internalSymbol) for port in ports if port.direction.name == "In"}
    outputs = {key_of(port.internalSymbol) for port in ports if port.direction.name == "Out"}
    follows: dict[Key, set[Key]] = {}
    written = {write.key for process in processes for write in process.writes}
    for process in processes:
        elsewhere = {r.key for other in processes if other is not process for r in other.reads}
        at_once = {w.key for w in process.writes if not w.nonblocking}
        if process.clocks - inputs or (
            process.kind == "clocked" and at_once & (elsewhere | outputs)
        ):
            return frozenset()  # a derived clock, or a race
        if process.kind == "initial" and {r.key for r in process.reads} & written:
            return frozenset()
        if process.kind == "combinational":
            for read in process.reads:
                follows.setdefault(read.key, set()).update(w.key for w in process.writes)
    clocks = {frozenset(process.clocks) for process in processes if process.kind == "clocked"}
    found: dict[int, bool] = {}
    for process in processes:
        for write in process.writes:
            same = _no_difference(write, process, processes, follows, len(clocks) <= 1)
            found[write.offset] = found.get(write.offset, True) and same
    return frozenset(offset for offset, same in found.items() if same)


def _no_difference(
    write: _Access,
    process: _Process,
    processes: list[_Process],
    follows: dict[Key, set[Key]],
    one_clock: bool,
) -> bool:
    """Whether = for <= in a clocked process, or <= for = in a combinational one, is unseen.

    With `one_clock` all logic has settled before any clocked process looks at it.
    """
    clocked = process.kind == "clocked"
    if process.kind == "initial" or clocked != write.nonblocking:
        return False
    seen, waiting = {write.key}, [write.key]
    while waiting:
        reached = follows.get(waiting.pop(), set())
        if write.key in reached:
            return False  # a loop
        waiting += reached - seen
        seen |= reached
    for other in processes:
        if other is process:
            continue
        if other.kind != "initial" and any(w.key == write.key for w in other.writes):
            return False
        settled = one_clock and not clocked
        if other.kind == "clocked" and not settled and any(r.key in seen for r in other.reads):
            return False
    for read in process.reads:
        late = read.order >= write.order or read.repeats(write) or not clocked
        if read.key in seen and late and not read.excludes(write):
            return False
    # Combinational logic may run several times until it has settled, and what an earlier run
    # left for later would override another assignment of the last one. In a clocked process
    # what assigns it as well in the same run has to override it, as before.
    return not any(
        another.key == write.key
        and another.offset != write.offset
        and not (clocked and another.excludes(write))
        and not (clocked and another.order > write.order and not another.repeats(write))
        for another in process.writes
    )
