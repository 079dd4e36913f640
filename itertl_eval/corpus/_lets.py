"""Lets: names for parts of an expression, like `let` in a functional language."""

from __future__ import annotations

from dataclasses import replace

from itertl_eval.corpus._expr import Expr, var
from itertl_eval.corpus._operators import OPERATORS


class Lets:
    """Names for sub-expressions, so that a tree becomes a list of small steps.

    Args:
        every: Whether every operand that is not a leaf gets a wire. Otherwise only those do that
            Verilog needs a name for: operands that are used twice or bit-selected.
        first: The number of the first name.
    """

    def __init__(self, every: bool, first: int = 1) -> None:
        self.every = every
        self.first = first
        self.steps: dict[Expr, str] = {}
        """Each named part, in the order in which they must be declared."""

    def flatten(self, expr: Expr) -> Expr:
        """Return the expression with names in place of parts, and add the parts to `steps`."""
        if expr.leaf:
            return expr
        named = self.every or OPERATORS[expr.op].named
        arguments = [self.flatten(argument) for argument in expr.args]
        if named:
            arguments = [a if a.leaf else self._name(a) for a in arguments]
        return replace(expr, args=tuple(arguments))

    def _name(self, expr: Expr) -> Expr:
        name = self.steps.setdefault(expr, f"t{self.first + len(self.steps)}")
        return var(name, expr.width)
