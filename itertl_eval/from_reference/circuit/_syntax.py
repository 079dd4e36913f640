"""Small questions to slang's elaborated tree: names, constants, tested signals, bit fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

_MOST_ALIASES = 8


class Field(NamedTuple):
    """Some bits of a signal, by the signal's hierarchical path."""

    path: str
    offset: int
    width: int


def named(expression: Any) -> Any | None:
    """The symbol of an expression that is only a name, or None."""
    if type(expression).__name__ in ("NamedValueExpression", "HierarchicalValueExpression"):
        return expression.symbol
    return None


def stripped(expression: Any) -> tuple[Any, bool]:
    """An expression without conversions and inversions, and whether those invert it."""
    inverted = False
    while True:
        kind = type(expression).__name__
        if kind == "ConversionExpression":
            expression = expression.operand
        elif kind == "UnaryExpression" and expression.op.name in ("LogicalNot", "BitwiseNot"):
            expression, inverted = expression.operand, not inverted
        else:
            return expression, inverted


def constant_of(expression: Any) -> int | None:
    """The value of a literal or a parameter without unknown digits, or None."""
    while type(expression).__name__ == "ConversionExpression":
        expression = expression.operand
    kind = type(expression).__name__
    found = None
    if kind in ("IntegerLiteral", "UnbasedUnsizedIntegerLiteral"):
        found = expression.value
    elif kind == "NamedValueExpression":
        symbol = expression.symbol
        if type(symbol).__name__ in ("ParameterSymbol", "EnumValueSymbol"):
            found = getattr(symbol.value, "value", None)
    try:
        if found is None or found.hasUnknown:
            return None
        return int(found)
    except (AttributeError, TypeError, ValueError):
        return None


def controls_of(statement: Any) -> Iterator[tuple[str, Any, int, bool]]:
    """(path, expression, active value, clears) of the signals that the leading `if`s test.

    `clears` is True when that branch only assigns constants.
    """
    statement = _single(statement)
    while type(statement).__name__ == "ConditionalStatement":
        conditions = list(statement.conditions)
        if len(conditions) == 1 and (test := _test_of(conditions[0].expr)) is not None:
            expression, active = test
            symbol = named(expression)
            if symbol is not None:
                yield symbol.hierarchicalPath, expression, active, _clears(statement.ifTrue)
        if statement.ifFalse is None:
            return
        statement = _single(statement.ifFalse)


def _single(statement: Any) -> Any:
    """The first statement inside nested blocks."""
    while True:
        kind = type(statement).__name__
        if kind == "BlockStatement":
            statement = statement.body
        elif kind == "StatementList":
            inner = [s for s in statement.list if type(s).__name__ != "VariableDeclStatement"]
            if not inner:
                return statement
            statement = inner[0]
        else:
            return statement


def _test_of(condition: Any) -> tuple[Any, int] | None:
    """The one signal of a condition and the value for which it holds."""
    expression, inverted = stripped(condition)
    if named(expression) is not None:
        return expression, int(not inverted)
    if type(expression).__name__ != "BinaryExpression":
        return None
    if expression.op.name not in ("Equality", "CaseEquality", "Inequality", "CaseInequality"):
        return None
    for operand, other in (
        (expression.left, expression.right),
        (expression.right, expression.left),
    ):
        value = constant_of(other)
        bare, negated = stripped(operand)
        if value in (0, 1) and named(bare) is not None:
            active = value ^ negated ^ inverted ^ ("Inequality" in expression.op.name)
            return bare, int(active)
    return None


def _clears(statement: Any) -> bool:
    """True when a statement assigns constants and nothing else, whatever other signals are."""
    nodes: list[Any] = []
    statement.visit(nodes.append)
    found = [node for node in nodes if type(node).__name__ == "AssignmentExpression"]
    tests = [node.expr for node in nodes if type(node).__name__ == "CaseStatement"]
    for node in nodes:
        if type(node).__name__ == "ConditionalStatement":
            tests += [condition.expr for condition in node.conditions]
    return bool(found) and all(map(is_constant, [*tests, *(node.right for node in found)]))


def is_constant(expression: Any) -> bool:
    """Whether an expression names nothing but parameters."""
    nodes: list[Any] = []
    expression.visit(nodes.append)
    return all(
        type(node.symbol).__name__ in ("ParameterSymbol", "EnumValueSymbol")
        for node in nodes
        if named(node) is not None
    )


def with_one_constant(assignments: Iterable[Any]) -> set[str]:
    """The paths of the signals that get the same constant from each of their assignments."""
    found: dict[str, set[object]] = defaultdict(set)
    for node in assignments:
        if (target := named(node.left)) is not None:
            value: object = None
            driven = type(node.right).__name__ == "EmptyArgumentExpression"  # by an instance
            if is_constant(node.right) and not driven:
                number = constant_of(node.right)
                value = str(node.right.syntax).strip() if number is None else number
            found[target.hierarchicalPath].add(value)
    return {path for path, values in found.items() if len(values) == 1 and None not in values}


def fields_of(
    expression: Any, alias: Callable[[str], Any | None], depth: int = 0
) -> list[Field] | None:
    """The signals whose bits make up an expression, the highest first; None for anything else."""
    if depth > _MOST_ALIASES:
        return None
    kind = type(expression).__name__
    if kind == "ConversionExpression":
        return fields_of(expression.operand, alias, depth + 1)
    if kind == "ConcatenationExpression":
        found: list[Field] = []
        for operand in expression.operands:
            part = fields_of(operand, alias, depth + 1)
            if part is None:
                return None
            found += part
        return found
    if kind in ("RangeSelectExpression", "ElementSelectExpression"):
        return _selected(expression, alias, depth)
    symbol = named(expression)
    if symbol is None or not symbol.type.isIntegral:
        return None
    source = alias(symbol.hierarchicalPath)
    behind = fields_of(source, alias, depth + 1) if source is not None else None
    width = symbol.type.bitWidth
    if behind is not None and sum(place.width for place in behind) == width:
        return behind
    return [Field(symbol.hierarchicalPath, 0, width)]


def _selected(
    expression: Any, alias: Callable[[str], Any | None], depth: int
) -> list[Field] | None:
    inner = fields_of(expression.value, alias, depth + 1)
    if inner is None or len(inner) != 1:
        return None
    chosen = (
        [expression.selector]
        if type(expression).__name__ == "ElementSelectExpression"
        else [expression.left, expression.right]
    )
    bounds = [constant_of(bound) for bound in chosen]
    declared = getattr(expression.value.type, "fixedRange", None)
    if None in bounds or declared is None:
        return None
    numbers = [bound for bound in bounds if bound is not None]
    places = [abs(number - declared.right) for number in numbers]
    low, high = min(places), max(places)
    if high >= inner[0].width:
        return None
    return [Field(inner[0].path, inner[0].offset + low, high - low + 1)]


def split(places: list[Field] | None, value: int) -> Iterator[tuple[Field, int]]:
    """Each field with its part of a number, which fills the fields from the lowest bit up."""
    for place in reversed(places or ()):
        yield place, value & ((1 << place.width) - 1)
        value >>= place.width


_COMPARING = {
    "Equality",
    "Inequality",
    "CaseEquality",
    "CaseInequality",
    "GreaterThan",
    "LessThan",
    "GreaterThanEqual",
    "LessThanEqual",
    "WildcardEquality",
    "WildcardInequality",
}


def comparisons(node: Any) -> Iterator[tuple[Any, int]]:
    """(operand, number) of each comparison with a constant that a node makes."""
    if type(node).__name__ == "CaseStatement":
        for item in node.items:
            for expression in item.expressions:
                if (value := constant_of(expression)) is not None:
                    yield node.expr, value
    elif node.op.name in _COMPARING:
        for operand, other in ((node.left, node.right), (node.right, node.left)):
            if (value := constant_of(other)) is not None:
                yield operand, value


__all__ = [
    "Field",
    "comparisons",
    "constant_of",
    "controls_of",
    "fields_of",
    "is_constant",
    "named",
    "split",
    "stripped",
    "with_one_constant",
]
