"""Families without state."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from itertl_eval.corpus._choice import Choices
from itertl_eval.corpus._circuit import Circuit
from itertl_eval.corpus._datapath import Datapath
from itertl_eval.corpus._expr import Expr, const
from itertl_eval.corpus._operators import OPERATORS, cost


def _one(family: str, choices: Choices, expr: Expr) -> Datapath:
    return _several(family, choices, [expr])


def _several(family: str, choices: Choices, exprs: list[Expr]) -> Datapath:
    results = tuple((choices.result(), expr) for expr in exprs)
    used = set().union(*(expr.names() for expr in exprs))
    inputs = {name: width for name, width in choices.inputs.items() if name in used}
    steps = sum(cost(expr) for expr in exprs) > 1 and choices.rng.random() < 0.35
    return Datapath(family, inputs, results, steps=steps)


def expression(rng: random.Random, level: int) -> Circuit:
    """Any tree of operators: the ladder."""
    choices = Choices(rng)
    return _one(
        "expression", choices, choices.tree(rng.choice([choices.width, choices.width, 1]), level)
    )


def gates(rng: random.Random, level: int) -> Circuit:
    """The same over single bits."""
    choices = Choices(rng, 1)
    return _one("gates", choices, _gates(choices, level))


def netlist(rng: random.Random, level: int) -> Circuit:
    """Gates described one by one, each with its own name: long but never deep.

    The names start at any number, so that a model that has seen short lists has seen the names
    of long ones.
    """
    choices = Choices(rng, 1)
    tree = _gates(choices, level)
    circuit = _one("netlist", choices, tree)
    return replace(circuit, steps=True, first=rng.randint(1, 20))


def _gates(choices: Choices, level: int) -> Expr:
    rng = choices.rng
    gate = [op for op, o in OPERATORS.items() if o.gives == "X" and set(o.takes) <= set("XB")]
    gate = [op for op in gate if op not in ("rise", "fall", "change")]

    def grow(share: int) -> Expr:
        if not share:
            return choices.leaf(1)
        op = rng.choice(gate)
        shares = [0] * len(OPERATORS[op].takes)
        for _ in range(share - 1):
            shares[rng.randrange(len(shares))] += 1
        operands: list[Expr] = []
        for part in shares:
            but = operands[-1] if operands and operands[-1].leaf else None
            operands.append(grow(part) if part else choices.leaf(1, but))
        return Expr(op, 1, tuple(operands))

    return grow(level)


def several(rng: random.Random, level: int) -> Circuit | None:
    """Two or three outputs over the same inputs."""
    count = rng.choice([2, 2, 3])
    if level < count:
        return None
    choices = Choices(rng)
    shares = [1] * count
    for _ in range(level - count):
        shares[rng.randrange(count)] += 1
    widths = [rng.choice([choices.width, choices.width, 1]) for _ in shares]
    exprs = [choices.tree(width, share) for width, share in zip(widths, shares, strict=True)]
    return _several("outputs", choices, exprs) if len(set(exprs)) == count else None


def arithmetic(rng: random.Random, level: int) -> Circuit | None:
    """Saturation, carry, absolute difference over operands that may be expressions."""
    choices = Choices(rng)
    op = rng.choice(["add", "sub", "neg", "mul", "sum", "sum", "satadd", "satsub", "absdiff"])
    return _rooted("arithmetic", choices, op, level)


def _rooted(family: str, choices: Choices, op: str, level: int) -> Circuit | None:
    """Put `op` at the root and the rest of the level below it."""
    operator, rng = OPERATORS[op], choices.rng
    rest = level - operator.cost
    if rest < 0:
        return None
    shares = [0] * len(operator.takes)
    for _ in range(rest):
        shares[rng.randrange(len(shares))] += 1
    operands: list[Expr] = []
    for kind, share in zip(operator.takes, shares, strict=True):
        width = {"B": 1, "2": 2, "4": 4}.get(kind, choices.width)
        but = operands[-1] if operands and operands[-1].leaf else None
        operands.append(choices.tree(width, share) if share else choices.leaf(width, but))
    width = {"sum": choices.width + 1, "cat": 2 * choices.width}.get(op, choices.width)
    width = 1 if operator.gives == "B" else width
    return _one(family, choices, Expr(op, width, tuple(operands)))


def selector(rng: random.Random, level: int) -> Circuit | None:
    """Multiplexers, decoders with and without enable, priority encoders, concatenation."""
    kind = rng.choice(["mux", "mux", "mux4", "mux4", "decode", "decode", "encode", "cat"])
    choices = Choices(rng, 4 if kind == "encode" else 0)
    if kind in ("mux", "mux4", "cat"):
        return _rooted("selector", choices, kind, level)
    if kind == "encode":
        rest = level - OPERATORS["encode"].cost
        if rest < 0:
            return None
        return _one("selector", choices, Expr("encode", 2, (choices.tree(4, rest),)))
    bits = rng.choice([2, 3, 4])
    choices.width = bits
    enabled = level > 1 and rng.random() < 0.6
    code = Expr("decode", 1 << bits, (choices.tree(bits, level - 1 - enabled),))
    if enabled:
        code = Expr("mux", 1 << bits, (choices.leaf(1), code, const(0, 1 << bits)))
    return _one("selector", choices, code)


def comparator(rng: random.Random, level: int) -> Circuit | None:
    """Two or three relations at once, ranges, minimum and maximum."""
    choices = Choices(rng)
    kind = rng.choice(["relation", "relations", "range", "extreme"])
    if kind == "relation":
        return _rooted(
            "comparator", choices, rng.choice(["eq", "ne", "lt", "gt", "le", "ge"]), level
        )
    if kind == "extreme":
        return _rooted("comparator", choices, rng.choice(["min", "max"]), level)
    if kind == "range":
        if level < 3:
            return None
        low, high = (
            sorted(rng.sample(range(1, 1 << choices.width), 2)) if choices.width > 1 else (0, 1)
        )
        value = choices.tree(choices.width, level - 3)
        above = Expr("ge", 1, (value, const(low, choices.width)))
        below = Expr("le", 1, (value, const(high, choices.width)))
        return _one("comparator", choices, Expr("and", 1, (above, below)))
    count = rng.choice([2, 3])
    if level < count:
        return None
    operands = (choices.leaf(choices.width), choices.leaf(choices.width))
    while operands[0] == operands[1]:
        operands = (operands[0], choices.leaf(choices.width, operands[0]))
    relations = rng.sample(["eq", "ne", "lt", "gt", "le", "ge"], count)
    exprs = [Expr(op, 1, operands) for op in relations]
    for _ in range(level - count):
        place = rng.randrange(count)
        op = rng.choice(["and", "or", "xor"])
        exprs[place] = Expr(op, 1, (exprs[place], choices.leaf(1)))
    return _several("comparator", choices, exprs)


def reduction(rng: random.Random, level: int) -> Circuit | None:
    """Parity, all or any bits, zero detection, number of ones."""
    op = rng.choice(["rand", "ror", "rxor", "lnot", "land", "lor", "ones"])
    if op != "ones":
        return _rooted("reduction", Choices(rng), op, level)
    choices = Choices(rng, rng.choice([3, 4]))
    if level < OPERATORS["ones"].cost:
        return None
    operand = choices.tree(choices.width, level - OPERATORS["ones"].cost)
    return _one("reduction", choices, Expr("ones", choices.width.bit_length(), (operand,)))


FAMILIES = (
    *(expression, expression, expression),
    *(gates, several, arithmetic, selector, comparator, reduction),
)
"""The families to choose from; the one that comes three times is chosen as often."""
BY_NAME: dict[str, Callable[[random.Random, int], Circuit | None]] = {"netlist": netlist}
"""Families that are only in a corpus that names them."""
