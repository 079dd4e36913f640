"""With which value an input that is named like a reset acts: by the design, the text, the name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from itertl_eval.from_reference.circuit._syntax import constant_of, is_constant, named

_RESET_NAME = re.compile(r"^[a-z]?_?n?(clr|clear)|(^|_)[a-z]?_?n?(rst|reset)", re.IGNORECASE)
_WORD = r"(rst|reset|clr|clear)"
_LOW_NAME = re.compile(
    rf"({_WORD}|_)[nbl](_?i|_in)?$|(^|_)n_?[a-z]?{_WORD}|(^|_)[a-z]n{_WORD}", re.IGNORECASE
)
_CALLED_NAME = re.compile(  # where an enable may be one, too
    r"(?<!fi)(?<!bu)rst|reset|clr|clear|init|(?<![a-z])(pre|n)?set|(?<![a-z])res(?![a-z])", re.I
)
_RESET_NOUN = r"\b(?:reset|clear|preset|set)\b"
_KIND = r"(?:(?:input|signal|pin|port|line|is|named|called)[^\w\n,.;]+)"
_TO_RESET = (
    rf"[^\w\n,.;]+(?:{_KIND}|(?:an?|the|as|for|\d+|single|one|bit|representing|active|high|low|"
    r"global|master)[^\w\n,.;]+)*"
)
_MOST_ALIASES = 8

_SOME = -1
"""A constant whose value does not matter here."""

_Env = dict[str, tuple[int, bool] | None]
"""What each target gets: None for no constant, or a constant and whether it surely gets that."""


def is_reset_name(name: str) -> bool:
    """Whether a name, maybe with a prefix, is one that resets have."""
    return _RESET_NAME.search(name) is not None


def is_called_reset(name: str, text: str) -> bool:
    """Whether an input is a reset by its name, or a text calls it one ("`R`: a reset input")."""
    if _CALLED_NAME.search(name):
        return True
    word = rf"(?<!\w){re.escape(name)}(?!\w)"
    named = rf"{word}{_TO_RESET}{_RESET_NOUN}|{_RESET_NOUN}[^\w\n,.:;]+{_KIND}*{word}"
    return re.search(named, text, re.IGNORECASE) is not None


def acting_level(path: str, nodes: Sequence[Any], alias: Callable[[str], Any | None]) -> int | None:
    """Return the value of an input with which a design gets more constants, or None.

    Args:
        path: The input's hierarchical path.
        nodes: The elaborated design.
        alias: The expression that alone drives a net, or None.
    """
    low, high = (_Design(path, level, alias).constants(nodes) for level in (0, 1))
    return int(high > low) if low != high else None


def named_level(name: str, text: str) -> int:
    """Return the value with which a reset is active by a text, or else by its name."""
    said = _said(name, text)
    return said if said is not None else int(not _LOW_NAME.search(name))


def _said(name: str, text: str) -> int | None:
    """What a text says about an input, or about a reset if it does not name the input."""
    level = r"\bactive[- ]?(low|high)\b"
    for word in (rf"\b{re.escape(name)}\b", r"\breset\b"):
        for between in (r"[^.,;\n]{0,40}?", r"[^.;\n]{0,40}?"):  # better without a comma
            forms = rf"{word}{between}{level}", rf"{level}{between}{word}"
            found = [m for form in forms for m in re.finditer(form, text, re.IGNORECASE)]
            if found:
                nearest = min(found, key=lambda match: len(match[0]))
                return int(nearest[1].lower() == "high")
    return None


class _Design:
    """A design in which one input is held at a level."""

    def __init__(self, path: str, level: int, alias: Callable[[str], Any | None]) -> None:
        self.path = path
        self.level = level
        self.alias = alias

    def constants(self, nodes: Iterable[Any]) -> int:
        """How many targets get a constant; what may also keep its value counts half."""
        total = 0
        for node in nodes:
            kind = type(node).__name__
            env: _Env = {}
            if kind == "ProceduralBlockSymbol" and node.procedureKind.name != "Initial":
                self._run(node.body, env)
            elif kind == "ContinuousAssignSymbol":
                self._assign(node.assignment, env)
            total += sum(1 + found[1] for found in env.values() if found is not None)
        return total

    # -- statements ---------------------------------------------------------------------------

    def _run(self, statement: Any, env: _Env) -> None:
        kind = type(statement).__name__
        if kind == "StatementList":
            for inner in statement.list:
                self._run(inner, env)
        elif kind == "TimedStatement":
            self._run(statement.stmt, env)
        elif kind in ("BlockStatement", "ForLoopStatement", "RepeatLoopStatement"):
            self._run(statement.body, env)
        elif kind == "ExpressionStatement":
            self._assign(statement.expr, env)
        elif kind == "ConditionalStatement":
            ways = statement.ifTrue, statement.ifFalse
            self._branch(self._taken(statement.conditions, *ways), env)
        elif kind == "CaseStatement":
            self._branch(self._items(statement), env)

    def _items(self, statement: Any) -> list[Any]:
        """The statements of a `case` that may run; None for none of them."""
        value = self._value(statement.expr)
        ways = []
        for item in statement.items:
            found = [self._value(expression) for expression in item.expressions]
            if value is not None and value in found:
                return [item.stmt]
            if value is None or None in found:
                ways.append(item.stmt)
        return [*ways, statement.defaultCase]

    def _branch(self, ways: Sequence[Any], env: _Env) -> None:
        """Run each of several statements by itself, and keep where they agree."""
        ends: list[_Env] = []
        for way in ways:
            end = dict(env)
            if way is not None:
                self._run(way, end)
            ends.append(end)
        for target in dict.fromkeys(name for end in ends for name in end):
            given = [end[target] for end in ends if target in end]
            values = {found and found[0] for found in given}
            sure = len(given) == len(ends) and all(found and found[1] for found in given)
            value = values.pop()
            env[target] = None if values or value is None else (value, sure)

    def _assign(self, expression: Any, env: _Env) -> None:
        if type(expression).__name__ == "AssignmentExpression":
            value = self._value(expression.right)
            env[str(expression.left.syntax).strip()] = None if value is None else (value, True)
        elif type(expression).__name__ == "UnaryExpression":  # ++ or --
            env[str(expression.operand.syntax).strip()] = None

    # -- expressions --------------------------------------------------------------------------

    def _value(self, expression: Any, depth: int = 0) -> int | None:
        """The value of an expression that is constant at this level of the input, or None."""
        if depth > _MOST_ALIASES * 8:
            return None
        kind = type(expression).__name__
        if (symbol := named(expression)) is not None:
            path = symbol.hierarchicalPath
            if path == self.path:
                return self.level
            if (driver := self.alias(path)) is not None:
                return self._value(driver, depth + _MOST_ALIASES)
            return constant_of(expression)
        if kind == "ConversionExpression":
            return self._value(expression.operand, depth)
        if kind == "UnaryExpression":
            return self._inverse(expression, depth)
        if kind == "BinaryExpression":
            return self._of_two(expression, depth)
        if kind == "ConditionalExpression":
            ways = self._taken(expression.conditions, expression.left, expression.right, depth)
            values = {self._value(way, depth) for way in ways}
            return values.pop() if len(values) == 1 else None
        if kind == "ReplicationExpression":
            inner = self._value(expression.concat, depth)
            return inner if not inner else _SOME
        if kind == "ConcatenationExpression":
            parts = [self._value(operand, depth) for operand in expression.operands]
            return parts[0] if len(parts) == 1 else None if None in parts else _SOME
        if (number := constant_of(expression)) is not None:
            return number
        return _SOME if is_constant(expression) and not _is_filled_in(expression) else None

    def _taken(self, conditions: Any, true: Any, false: Any, depth: int = 0) -> list[Any]:
        """Which of two branches may be taken."""
        tests = [self._value(condition.expr, depth) for condition in conditions]
        if len(tests) != 1 or tests[0] in (None, _SOME):
            return [true, false]
        return [true if tests[0] else false]

    def _inverse(self, expression: Any, depth: int) -> int | None:
        value = self._value(expression.operand, depth)
        if value is None or value == _SOME:
            return value
        if expression.op.name == "LogicalNot":
            return int(not value)
        if expression.op.name == "BitwiseNot":
            return ~value & _ones(expression)
        return _SOME

    def _of_two(self, expression: Any, depth: int) -> int | None:
        operator = expression.op.name
        left, right = (self._value(side, depth) for side in (expression.left, expression.right))
        if operator in ("LogicalAnd", "BinaryAnd") and 0 in (left, right):
            return 0
        ones = _ones(expression)
        if operator in ("LogicalOr", "BinaryOr") and ones in (left, right):
            return ones
        if left is None or right is None:
            return None
        if _SOME not in (left, right) and operator in ("Equality", "CaseEquality"):
            return int(left == right)
        if _SOME not in (left, right) and operator in ("Inequality", "CaseInequality"):
            return int(left != right)
        if operator in ("LogicalOr", "BinaryOr", "LogicalAnd", "BinaryAnd") and left == right:
            return left
        return _SOME


def _ones(expression: Any) -> int:
    width: int = expression.type.bitWidth
    return (1 << width) - 1


def _is_filled_in(expression: Any) -> bool:
    """Whether a value comes from an instance, or from the target itself (`+=`)."""
    inner: list[Any] = []
    expression.visit(inner.append)
    kinds = {type(node).__name__ for node in inner}
    return bool(kinds & {"EmptyArgumentExpression", "LValueReferenceExpression"})


__all__ = ["acting_level", "is_called_reset", "is_reset_name", "named_level"]
