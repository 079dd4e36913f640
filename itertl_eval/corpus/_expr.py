"""Expr: the meaning of a right-hand side, from which Verilog, Python and English are written.

The three texts come from one tree but from three separate sets of templates (`_operators`), so
that a mistake in one of them shows up as a reference that fails its own testbench.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Expr:
    """An operator over operands, or a leaf: "var" (a port, register or wire) or "const".

    `value` is a constant's value, or an operator's fixed number: a shift distance, a bit index.
    """

    op: str
    width: int
    args: tuple[Expr, ...] = ()
    name: str = ""
    value: int = 0

    def __post_init__(self) -> None:
        if self.width < 1:
            raise ValueError(f"{self.op} of width {self.width}")
        if self.op == "bit" and self.args[0].width < 2:
            raise ValueError("bit of a scalar")

    @property
    def leaf(self) -> bool:
        return not self.args

    def walk(self) -> Iterator[Expr]:
        """Yield this node and all below it, operands after their operator."""
        yield self
        for argument in self.args:
            yield from argument.walk()

    def names(self) -> set[str]:
        return {node.name for node in self.walk() if node.op == "var"}


def var(name: str, width: int = 1) -> Expr:
    return Expr("var", width, name=name)


def const(value: int, width: int) -> Expr:
    return Expr("const", width, value=value & ((1 << width) - 1))
