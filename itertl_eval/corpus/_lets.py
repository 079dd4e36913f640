"""_lets."""

from __future__ import annotations

from dataclasses import replace

from itertl_eval.corpus._expr import Expr, var


class Lets:
    """Gives names to sub-expressions, so that a tree becomes a list of small steps.

    With `every` each operand that is not a leaf gets a wire; otherwise only those that
    Verilog can't do without: operands that are used twice or bit-selected.
    """

    def __init__(self, every: bool, first: int = 1) -> None:
        self.every = every
        self.first = first
        self.steps: dict[Expr, str] = {}

    def flatten(self, expr: Expr) -> Expr:
        from itertl_eval.corpus._operators import OPERATORS

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
