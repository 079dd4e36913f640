"""Read a design's clocks, resets and constants from its elaborated syntax tree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from itertl_eval.from_reference.circuit._polarity import (
    acting_level,
    is_called_reset,
    is_reset_name,
    named_level,
)
from itertl_eval.from_reference.circuit._syntax import (
    Field,
    comparisons,
    constant_of,
    controls_of,
    fields_of,
    named,
    split,
    stripped,
    with_one_constant,
)
from itertl_eval.problem import Problem
from itertl_eval.verilog import slang

_CLOCK_NAME = re.compile(r"cl(oc)?k|^ck", re.IGNORECASE)


class Reset(NamedTuple):
    """An input that puts the design into a known state while it has the value `active`."""

    name: str
    active: int
    asynchronous: bool


class Constant(NamedTuple):
    """A number that some bits of an input are compared with."""

    offset: int
    width: int
    value: int


@dataclass
class Circuit:
    """What the stimulus for a design has to know about it.

    `clocks` maps an input to the edges that the design uses ("rising", "falling", "both").
    `constants` holds what each input is compared with, `lengths` what internal counters are
    compared with and how many states they can have. `constant` is True where the text assigns one
    constant alone to each output. `rivals` are resets that are never active at once, as the
    specification does not say which one wins.
    """

    inputs: dict[str, int]
    outputs: dict[str, int]
    clocks: dict[str, str] = field(default_factory=dict)
    resets: list[Reset] = field(default_factory=list)
    constants: dict[str, list[Constant]] = field(default_factory=dict)
    literals: dict[int, list[int]] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)
    constant: bool = False
    rivals: frozenset[str] = frozenset()

    @property
    def data(self) -> dict[str, int]:
        """The inputs that are neither clocks nor resets, with their widths."""
        special = {*self.clocks, *(reset.name for reset in self.resets)}
        return {name: width for name, width in self.inputs.items() if name not in special}


def read_circuit(problem: Problem) -> Circuit:
    """Return what can be read from a problem's reference.

    A text that slang cannot elaborate gives a circuit without clocks, resets and constants.
    """
    circuit = Circuit(
        {port.name: port.width for port in problem.inputs},
        {port.name: port.width for port in problem.outputs},
    )
    try:
        compilation, _ = slang.compile_text(problem.reference, problem.top)
    except slang.TooDeep:
        return circuit
    for instance in compilation.getRoot().topInstances:
        if instance.name == problem.top:
            _Reader(circuit, instance, problem.prompt.text).read()
    return circuit


class _Reader:
    """Walks one elaborated design and fills in a Circuit."""

    def __init__(self, circuit: Circuit, instance: Any, text: str) -> None:
        self.circuit = circuit
        self.text = text
        self.top = instance.name
        self.nodes: list[Any] = []
        instance.visit(self.nodes.append)
        self.drivers: dict[str, list[Any]] = defaultdict(list)

    def read(self) -> None:
        self._read_drivers()
        events: dict[str, set[str]] = defaultdict(set)
        resets: dict[str, Reset] = {}
        for block in self._of("ProceduralBlockSymbol"):
            if type(block.body).__name__ == "TimedStatement":
                self._read_block(block.body, events, resets)
        for name in [n for n in events if n in resets]:
            if len(events) > 1 and not _CLOCK_NAME.search(name):
                del events[name]
            else:
                del resets[name]
        circuit = self.circuit
        for name, width in circuit.inputs.items():
            if name in events and width == 1:
                edges = events[name]
                circuit.clocks[name] = "both" if len(edges) > 1 else next(iter(edges))
        if circuit.clocks:
            self._settle_resets(resets)
        circuit.resets = [resets[name] for name in circuit.inputs if name in resets]
        self._read_constants()
        stuck = with_one_constant(self._of("AssignmentExpression"))
        circuit.constant = {f"{self.top}.{name}" for name in circuit.outputs} <= stuck

    def _of(self, *kinds: str) -> Iterator[Any]:
        return (node for node in self.nodes if type(node).__name__ in kinds)

    # -- what drives what ---------------------------------------------------------------------

    def _read_drivers(self) -> None:
        """Note the expressions that continuous assignments and instances connect to each net."""
        for node in self._of("ContinuousAssignSymbol"):
            assignment = node.assignment
            if type(assignment).__name__ != "AssignmentExpression":
                continue  # one that slang does not understand
            if (target := named(assignment.left)) is not None:
                self.drivers[target.hierarchicalPath].append(assignment.right)
        for node in self._of("NetSymbol", "VariableSymbol"):
            if type(node).__name__ == "NetSymbol" and node.initializer is not None:
                self.drivers[node.hierarchicalPath].append(node.initializer)
        for node in self._of("InstanceSymbol"):
            if node.name == self.top:
                continue
            for connection in node.portConnections:
                inner = getattr(connection.port, "internalSymbol", None)
                if inner is None or connection.expression is None:
                    continue
                expression = connection.expression
                if type(expression).__name__ != "AssignmentExpression":
                    self.drivers[inner.hierarchicalPath].append(expression)

    def _sources(self, expression: Any) -> tuple[list[str], bool]:
        """The top-level inputs that an expression follows, and whether it inverts the one."""
        bare, inverted = stripped(expression)
        symbol = named(bare)
        if symbol is not None:
            return self._inputs_of(symbol.hierarchicalPath, set()), inverted
        found: list[str] = []
        inner: list[Any] = []
        bare.visit(inner.append)
        for node in inner:
            if (symbol := named(node)) is not None:
                found += self._inputs_of(symbol.hierarchicalPath, set())
        return list(dict.fromkeys(found)), inverted

    def _inputs_of(self, path: str, seen: set[str]) -> list[str]:
        top, _, name = path.partition(".")
        if top == self.top and name in self.circuit.inputs:
            return [name]
        if path in seen:
            return []
        seen.add(path)
        found: list[str] = []
        for driver in self.drivers.get(path, ()):
            nodes: list[Any] = []
            driver.visit(nodes.append)
            for node in nodes:
                if (symbol := named(node)) is not None:
                    found += self._inputs_of(symbol.hierarchicalPath, seen)
        return list(dict.fromkeys(found))

    # -- clocks and resets --------------------------------------------------------------------

    def _read_block(
        self, timed: Any, events: dict[str, set[str]], resets: dict[str, Reset]
    ) -> None:
        """Sort the signals of an event list into clocks and asynchronous resets."""
        control = timed.timing
        signals = getattr(control, "events", None) or [control]
        edged = [
            (event.expr, "rising" if event.edge.name == "PosEdge" else "falling")
            for event in signals
            if type(event).__name__ == "SignalEventControl"
            and event.edge.name in ("PosEdge", "NegEdge", "BothEdges")
        ]
        if not edged:
            return
        tested = {path: found for path, *found in controls_of(timed.stmt)}
        acting = {_path(e) for e, _ in edged if _path(e) in tested or self._resets_by_name(e)}
        if len(acting) == len(edged):  # none would be left as the clock
            acting &= set(tested)
        clocks = [(e, edge) for e, edge in edged if _path(e) not in acting]
        for expression, edge in edged:
            if len(edged) > 1 and clocks and _path(expression) in acting:
                self._add_reset(resets, expression, int(edge == "rising"), True)
        for expression, edge in clocks or edged[:1]:
            names, inverted = self._sources(expression)
            clock = next((n for n in names if _CLOCK_NAME.search(n)), names[0] if names else None)
            if clock is not None:
                if inverted:
                    edge = "falling" if edge == "rising" else "rising"
                events[clock].add(edge)
        if len(edged) - len(clocks or edged[:1]) == 0:
            for path, (expression, active, clears) in tested.items():
                if clears and path not in (_path(e) for e, _ in edged):
                    self._add_reset(resets, expression, active, False)

    def _add_reset(
        self, resets: dict[str, Reset], expression: Any, active: int, asynchronous: bool
    ) -> None:
        names, inverted = self._sources(expression)
        if len(names) == 1 and self.circuit.inputs[names[0]] == 1:
            known = resets.get(names[0])
            if known is None or (asynchronous and not known.asynchronous):
                resets[names[0]] = Reset(names[0], active ^ inverted, asynchronous)

    def _resets_by_name(self, expression: Any) -> bool:
        names, _ = self._sources(expression)
        return len(names) == 1 and is_reset_name(names[0])

    def _settle_resets(self, resets: dict[str, Reset]) -> None:
        """Add inputs that are named like resets; with a reset, leave out controls that clear."""
        called = {n for n, r in resets.items() if r.asynchronous or is_called_reset(n, self.text)}
        for name, width in self.circuit.inputs.items():
            known = name in resets or name in self.circuit.clocks
            if width == 1 and is_reset_name(name) and not known:
                level = acting_level(f"{self.top}.{name}", self.nodes, self._alias)
                if level is None and not called:
                    level = named_level(name, self.text)
                if level is not None:
                    resets[name] = Reset(name, level, False)
                    called.add(name)
        for name in resets.keys() - called if called else ():
            del resets[name]

    # -- constants ----------------------------------------------------------------------------

    def _read_constants(self) -> None:
        lengths: set[int] = set()
        constants: dict[str, dict[Constant, None]] = defaultdict(dict)
        for node in self._of("BinaryExpression", "CaseStatement"):
            for operand, value in comparisons(node):
                places = fields_of(operand, self._alias)
                for place, part in split(places, value):
                    self._add_constant(place, part, constants, lengths)
        literals: dict[int, dict[int, None]] = defaultdict(dict)
        for node in self._of("IntegerLiteral", "UnbasedUnsizedIntegerLiteral"):
            if (number := constant_of(node)) is not None:
                literals[node.type.bitWidth][number] = None
        for node in self._of("VariableSymbol"):
            if node.type.isIntegral and 3 <= node.type.bitWidth <= 16:
                lengths.add(1 << node.type.bitWidth)
        self.circuit.constants = {name: list(found) for name, found in constants.items()}
        self.circuit.literals = {width: list(found) for width, found in literals.items()}
        self.circuit.lengths = sorted(lengths)

    def _add_constant(
        self,
        place: Field,
        value: int,
        constants: dict[str, dict[Constant, None]],
        lengths: set[int],
    ) -> None:
        top, _, name = place.path.partition(".")
        if top == self.top and name in self.circuit.inputs:
            constants[name][Constant(place.offset, place.width, value)] = None
        elif value > 6:
            lengths.add(value)

    def _alias(self, path: str) -> Any | None:
        """The expression that alone drives a net, or None."""
        found = self.drivers.get(path, ())
        return found[0] if len(found) == 1 else None


def _path(expression: Any) -> str:
    symbol = named(stripped(expression)[0])
    return symbol.hierarchicalPath if symbol is not None else ""


__all__ = ["Circuit", "Constant", "Reset", "read_circuit"]
