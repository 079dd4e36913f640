"""Families without memory."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from itertl_eval.corpus._choice import Draw
from itertl_eval.corpus._circuit import Circuit
from itertl_eval.corpus._datapath import Datapath
from itertl_eval.corpus._expr import Expr, const
from itertl_eval.corpus._operators import OPERATORS, cost


def _one(family: str, draw: Draw, expr: Expr) -> Datapath:
    return _several(family, draw, [expr])


def _several(family: str, draw: Draw, exprs: list[Expr]) -> Datapath:
    results = tuple((draw.result(), expr) for expr in exprs)
    used = set().union(*(expr.names() for expr in exprs))
    inputs = {name: width for name, width in draw.inputs.items() if name in used}
    steps = sum(cost(expr) for expr in exprs) > 1 and draw.rng.random() < 0.35
    return Datapath(family, inputs, results, steps=steps)


def expression(rng: random.Random, level: int) -> Circuit:
    """Any tree of operators: the ladder."""
    draw = Draw(rng)
    return _one("expression", draw, draw.tree(rng.choice([draw.width, draw.width, 1]), level))


def gates(rng: random.Random, level: int) -> Circuit:
    """The same over single bits."""
    draw = Draw(rng, 1)
    return _one("gates", draw, _gates(draw, level))


def netlist(rng: random.Random, level: int) -> Circuit:
    """Gates told one by one, each with a name of its own: long but never deep.

    The names start anywhere, so that a model that knows short lists has seen those of long ones.
    """
    draw = Draw(rng, 1)
    tree = _gates(draw, level)
    circuit = _one("netlist", draw, tree)
    return replace(circuit, steps=True, first=rng.randint(1, 20))


def _gates(draw: Draw, level: int) -> Expr:
    rng = draw.rng
    gate = [op for op, o in OPERATORS.items() if o.gives == "X" and set(o.takes) <= set("XB")]
    gate = [op for op in gate if op not in ("rise", "fall", "change")]

    def grow(share: int) -> Expr:
        if not share:
            return draw.leaf(1)
        op = rng.choice(gate)
        shares = [0] * len(OPERATORS[op].takes)
        for _ in range(share - 1):
            shares[rng.randrange(len(shares))] += 1
        operands: list[Expr] = []
        for part in shares:
            but = operands[-1] if operands and operands[-1].leaf else None
            operands.append(grow(part) if part else draw.leaf(1, but))
        return Expr(op, 1, tuple(operands))

    return grow(level)


def several(rng: random.Random, level: int) -> Circuit | None:
    """Two or three outputs over the same inputs."""
    count = rng.choice([2, 2, 3])
    if level < count:
        return None
    draw = Draw(rng)
    shares = [1] * count
    for _ in range(level - count):
        shares[rng.randrange(count)] += 1
    widths = [rng.choice([draw.width, draw.width, 1]) for _ in shares]
    exprs = [draw.tree(width, share) for width, share in zip(widths, shares, strict=True)]
    return _several("outputs", draw, exprs) if len(set(exprs)) == count else None


def arithmetic(rng: random.Random, level: int) -> Circuit | None:
    """Saturation, carry, absolute difference over operands that may be expressions."""
    draw = Draw(rng)
    op = rng.choice(["add", "sub", "neg", "mul", "sum", "sum", "satadd", "satsub", "absdiff"])
    return _rooted("arithmetic", draw, op, level)


def _rooted(family: str, draw: Draw, op: str, level: int) -> Circuit | None:
    """`op` at the root, the rest of the level below it."""
    operator, rng = OPERATORS[op], draw.rng
    rest = level - operator.cost
    if rest < 0:
        return None
    shares = [0] * len(operator.takes)
    for _ in range(rest):
        shares[rng.randrange(len(shares))] += 1
    operands: list[Expr] = []
    for kind, share in zip(operator.takes, shares, strict=True):
        width = {"B": 1, "2": 2, "4": 4}.get(kind, draw.width)
        but = operands[-1] if operands and operands[-1].leaf else None
        operands.append(draw.tree(width, share) if share else draw.leaf(width, but))
    width = {"sum": draw.width + 1, "cat": 2 * draw.width}.get(op, draw.width)
    width = 1 if operator.gives == "B" else width
    return _one(family, draw, Expr(op, width, tuple(operands)))


def selector(rng: random.Random, level: int) -> Circuit | None:
    """Multiplexers, decoders with and without enable, priority encoders, concatenation."""
    kind = rng.choice(["mux", "mux", "mux4", "mux4", "decode", "decode", "encode", "cat"])
    draw = Draw(rng, 4 if kind == "encode" else 0)
    if kind in ("mux", "mux4", "cat"):
        return _rooted("selector", draw, kind, level)
    if kind == "encode":
        rest = level - OPERATORS["encode"].cost
        if rest < 0:
            return None
        return _one("selector", draw, Expr("encode", 2, (draw.tree(4, rest),)))
    bits = rng.choice([2, 3, 4])
    draw.width = bits
    enabled = level > 1 and rng.random() < 0.6
    code = Expr("decode", 1 << bits, (draw.tree(bits, level - 1 - enabled),))
    if enabled:
        code = Expr("mux", 1 << bits, (draw.leaf(1), code, const(0, 1 << bits)))
    return _one("selector", draw, code)


def comparator(rng: random.Random, level: int) -> Circuit | None:
    """Two or three relations at once, ranges, minimum and maximum."""
    draw = Draw(rng)
    kind = rng.choice(["relation", "relations", "range", "extreme"])
    if kind == "relation":
        return _rooted("comparator", draw, rng.choice(["eq", "ne", "lt", "gt", "le", "ge"]), level)
    if kind == "extreme":
        return _rooted("comparator", draw, rng.choice(["min", "max"]), level)
    if kind == "range":
        if level < 3:
            return None
        low, high = sorted(rng.sample(range(1, 1 << draw.width), 2)) if draw.width > 1 else (0, 1)
        value = draw.tree(draw.width, level - 3)
        inside = Expr("and", 1, (Expr("ge", 1, (value, const(low, draw.width))),
                                 Expr("le", 1, (value, const(high, draw.width)))))  # fmt: skip
        return _one("comparator", draw, inside)
    count = rng.choice([2, 3])
    if level < count:
        return None
    operands = (draw.leaf(draw.width), draw.leaf(draw.width))
    while operands[0] == operands[1]:
        operands = (operands[0], draw.leaf(draw.width, operands[0]))
    relations = rng.sample(["eq", "ne", "lt", "gt", "le", "ge"], count)
    exprs = [Expr(op, 1, operands) for op in relations]
    for _ in range(level - count):
        place = rng.randrange(count)
        op = rng.choice(["and", "or", "xor"])
        exprs[place] = Expr(op, 1, (exprs[place], draw.leaf(1)))
    return _several("comparator", draw, exprs)


def reduction(rng: random.Random, level: int) -> Circuit | None:
    """Parity, all or any bits, zero detection, number of ones."""
    op = rng.choice(["rand", "ror", "rxor", "lnot", "land", "lor", "ones"])
    if op != "ones":
        return _rooted("reduction", Draw(rng), op, level)
    draw = Draw(rng, rng.choice([3, 4]))
    if level < OPERATORS["ones"].cost:
        return None
    operand = draw.tree(draw.width, level - OPERATORS["ones"].cost)
    return _one("reduction", draw, Expr("ones", draw.width.bit_length(), (operand,)))


FAMILIES = (expression, expression, expression, gates, several, arithmetic, selector,
            comparator, reduction)  # fmt: skip
BY_NAME: dict[str, Callable[[random.Random, int], Circuit | None]] = {"netlist": netlist}
"""Families that only a corpus which asks for them has."""
