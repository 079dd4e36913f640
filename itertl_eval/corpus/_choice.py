"""Random choice of names, widths and expression trees."""

from __future__ import annotations

import random

from itertl_eval.corpus._expr import Expr, const, var
from itertl_eval.corpus._operators import OPERATORS

NAMES = (*"abcdefghkmnpqrsuvwxyz", "data", "din", "num", "val", "lo", "hi", "word", "mask", "src")
CONTROLS = ("sel", "en", "up", "load", "mode", "go", "flag", "inv", "pick", "ok", "hit")
RESULTS = ("y", "z", "out", "res", "f", "q", "o", "dout", "r", "cnt", "acc")
WIDTHS = (2, 3, 4, 4, 5, 6, 7, 8, 8, 8, 10, 12, 16)
CONSTANT_OPERANDS = {"add", "sub", "and", "or", "xor", "eq", "ne", "lt", "gt", "le", "ge"}
_NEVER_NESTED = ("rise", "fall", "change", "recent", "shin", "shinr", "wrap", "mux4")
_NESTING = {
    op: operator
    for op, operator in OPERATORS.items()
    if operator.gives in "WBX" and op not in _NEVER_NESTED
}


class Choices:
    """The inputs of one circuit as they come into use, and random trees over them."""

    def __init__(self, rng: random.Random, width: int = 0) -> None:
        self.rng = rng
        self.width = width or rng.choice(WIDTHS)
        self.inputs: dict[str, int] = {}
        self._names = rng.sample(NAMES, len(NAMES))
        self._controls = rng.sample(CONTROLS, len(CONTROLS))
        self._results = rng.sample(RESULTS, len(RESULTS))
        self._taken: set[str] = set()

    def name(self, control: bool = False) -> str:
        """Return an unused name; for one-bit inputs often one like `en`."""
        pool = self._controls if control and self.rng.random() < 0.7 else self._names
        return self._take(pool)

    def result(self) -> str:
        """Return an unused name for an output or a register."""
        return self._take(self._results)

    def _take(self, pool: list[str]) -> str:
        while True:
            name = pool.pop() if pool else f"n{len(self._taken)}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def fresh(self, width: int, name: str = "") -> Expr:
        """Add an input."""
        name = name or self.name(control=width == 1)
        self.inputs[name] = width
        return var(name, width)

    def leaf(self, width: int, but: Expr | None = None) -> Expr:
        """Return an input of this width, new or already there, other than `but`."""
        known = [var(n, w) for n, w in self.inputs.items() if w == width and var(n, w) != but]
        if len(known) < 2 or (len(known) < 4 and self.rng.random() < 0.4):
            return self.fresh(width)
        return self.rng.choice(known)

    def constant(self, width: int) -> Expr:
        top = (1 << width) - 1
        return const(self.rng.randint(1, max(1, top - 1)), width)

    def tree(self, width: int, cost: int) -> Expr:
        """Return an expression of this width whose operators cost exactly `cost`."""
        if cost == 0:
            return self.leaf(width)
        fitting = [
            op
            for op, operator in _NESTING.items()
            if operator.cost <= cost
            and (operator.gives == "X" or (operator.gives == "B") == (width == 1))
            and not (operator.gives == "W" and width == 1)
        ]
        if cost > 1 or self.width == 1:  # bit selections end a branch, and need a vector
            fitting = [op for op in fitting if op != "bit"]
        op = self.rng.choice(fitting)
        return self.apply(op, width, cost - OPERATORS[op].cost)

    def apply(self, op: str, width: int, rest: int) -> Expr:
        """Return an operator over operands of its kinds that share a cost of `rest`."""
        operator = OPERATORS[op]
        wide = self.width if width == 1 else width
        widths = [{"W": wide, "B": 1, "X": width}[kind] for kind in operator.takes]
        shares = [0] * len(widths)
        for _ in range(rest):
            shares[self.rng.randrange(len(shares))] += 1
        operands: list[Expr] = []
        for index, (size, share) in enumerate(zip(widths, shares, strict=True)):
            number = index == 1 and not share and op in CONSTANT_OPERANDS and size > 1
            if number and self.rng.random() < 0.25:
                operands.append(self.constant(size))
            elif share:
                operands.append(self.tree(size, share))
            else:
                but = operands[-1] if operands and operands[-1].leaf else None
                operands.append(self.leaf(size, but))
        return Expr(op, width, tuple(operands), value=self._number(op, operands))

    def _number(self, op: str, operands: list[Expr]) -> int:
        if op in ("shl", "shr"):
            return self.rng.randint(1, max(1, min(4, operands[0].width - 1)))
        return self.rng.randrange(operands[0].width) if op == "bit" else 0
