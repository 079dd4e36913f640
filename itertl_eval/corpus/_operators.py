"""The operators of the corpus, with their templates in Verilog, Python and English.

Templates fill in {0}, {1} ... with the operands, {w} with the width of the first operand, {v}
and {m} with the width and mask of the result, {k} with the node's fixed number. Every operand
that is not a leaf is in parentheses. Verilog operands of one operator have equal widths, so
that its context rules never widen anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from itertl_eval.corpus._expr import Expr, const


@dataclass(frozen=True)
class Operator:
    """An operator.

    `takes` and `gives` are kinds: W the design's width, B one bit, X either but all alike.
    `cost` counts towards the level. `named` operands must be names in Verilog. `expand` returns
    the same meaning in more basic operators, so that two spellings of one structure look alike.
    """

    verilog: str
    python: str
    english: tuple[str, ...]
    takes: str
    gives: str
    commutes: bool = False
    cost: int = 1
    named: bool = False
    expand: Callable[..., Expr] | None = None


def _node(op: str, *args: Expr, width: int = 0) -> Expr:
    return Expr(op, width or args[-1].width, args)


def _mux(condition: Expr, yes: Expr, no: Expr) -> Expr:
    return _node("mux", condition, yes, no)


def _any(expr: Expr) -> Expr:
    return const(0, expr.width)


def _bit(expr: Expr) -> Expr:
    return Expr("bit", 1, (expr,))


OPERATORS: dict[str, Operator] = {
    "not": Operator("~{0}", "~{0} & {m}", ("the inverse of {0}", "NOT {0}"), "X", "X"),
    "and": Operator("{0} & {1}", "{0} & {1}",
                    ("{0} AND {1}", "the bitwise AND of {0} and {1}"), "XX", "X", True),
    "or": Operator("{0} | {1}", "{0} | {1}",
                   ("{0} OR {1}", "the bitwise OR of {0} and {1}"), "XX", "X", True),
    "xor": Operator("{0} ^ {1}", "{0} ^ {1}",
                    ("{0} XOR {1}", "the exclusive OR of {0} and {1}"), "XX", "X", True),
    "nand": Operator("~({0} & {1})", "~({0} & {1}) & {m}",
                     ("{0} NAND {1}", "the NAND of {0} and {1}"), "XX", "X", True,
                     expand=lambda a, b: _node("not", _node("and", a, b))),
    "nor": Operator("~({0} | {1})", "~({0} | {1}) & {m}",
                    ("{0} NOR {1}", "the NOR of {0} and {1}"), "XX", "X", True,
                    expand=lambda a, b: _node("not", _node("or", a, b))),
    "xnor": Operator("~({0} ^ {1})", "~({0} ^ {1}) & {m}",
                     ("{0} XNOR {1}", "the XNOR of {0} and {1}"), "XX", "X", True,
                     expand=lambda a, b: _node("not", _node("xor", a, b))),
    "add": Operator("{0} + {1}", "({0} + {1}) & {m}",
                    ("{0} plus {1}", "the sum of {0} and {1}"), "WW", "W", True),
    "sub": Operator("{0} - {1}", "({0} - {1}) & {m}",
                    ("{0} minus {1}", "{1} subtracted from {0}"), "WW", "W"),
    "mul": Operator("{0} * {1}", "({0} * {1}) & {m}",
                    ("{0} times {1}", "the product of {0} and {1}"), "WW", "W", True),
    "neg": Operator("-{0}", "-{0} & {m}", ("the negative of {0}", "minus {0}"), "W", "W"),
    "shl": Operator("{0} << {k}", "({0} << {k}) & {m}",
                    ("{0} shifted left by {k}",), "W", "W"),
    "shr": Operator("{0} >> {k}", "{0} >> {k}", ("{0} shifted right by {k}",), "W", "W"),
    "mux": Operator("{0} ? {1} : {2}", "{1} if {0} else {2}",
                    ("{1} if {0} is 1, else {2}", "{1} when {0} is high and {2} otherwise"),
                    "BXX", "X"),
    "eq": Operator("{0} == {1}", "int({0} == {1})",
                   ("whether {0} equals {1}", "whether {0} and {1} are equal"), "WW", "B", True),
    "ne": Operator("{0} != {1}", "int({0} != {1})",
                   ("whether {0} differs from {1}",), "WW", "B", True),
    "lt": Operator("{0} < {1}", "int({0} < {1})",
                   ("whether {0} is less than {1}", "whether {0} is below {1}"), "WW", "B"),
    "gt": Operator("{0} > {1}", "int({0} > {1})",
                   ("whether {0} is greater than {1}", "whether {0} is above {1}"), "WW", "B"),
    "le": Operator("{0} <= {1}", "int({0} <= {1})", ("whether {0} is at most {1}",), "WW", "B"),
    "ge": Operator("{0} >= {1}", "int({0} >= {1})", ("whether {0} is at least {1}",), "WW", "B"),
    "land": Operator("{0} && {1}", "int(bool({0}) and bool({1}))",
                     ("whether {0} and {1} are both nonzero",), "WW", "B", True),
    "lor": Operator("{0} || {1}", "int(bool({0}) or bool({1}))",
                    ("whether {0} or {1} is nonzero",), "WW", "B", True),
    "lnot": Operator("!{0}", "int(not {0})",
                     ("whether {0} is zero", "whether all bits of {0} are 0"), "W", "B"),
    "rand": Operator("&{0}", "int({0} == (1 << {w}) - 1)",
                     ("the AND of all bits of {0}", "whether all bits of {0} are 1"), "W", "B"),
    "ror": Operator("|{0}", "int({0} != 0)",
                    ("the OR of all bits of {0}", "whether any bit of {0} is 1"), "W", "B"),
    "rxor": Operator("^{0}", "({0}).bit_count() & 1",
                     ("the XOR of all bits of {0}", "the parity of {0}"), "W", "B"),
    "bit": Operator("{0}[{k}]", "{0} >> {k} & 1", ("bit {k} of {0}",), "W", "B", named=True),
    "rotl": Operator("{{{0}[{w2}:0], {0}[{w1}]}}", "({0} << 1 | {0} >> {w1}) & {m}",
                     ("{0} rotated left by one",), "W", "W", named=True),
    "rotr": Operator("{{{0}[0], {0}[{w1}:1]}}", "({0} << {w1} | {0} >> 1) & {m}",
                     ("{0} rotated right by one",), "W", "W", named=True),
    "gray": Operator("{0} ^ ({0} >> 1)", "{0} ^ {0} >> 1",
                     ("the Gray code of {0}",), "W", "W", cost=2, named=True,
                     expand=lambda a: _node("xor", a, Expr("shr", a.width, (a,)))),
    "min": Operator("({0} < {1}) ? {0} : {1}", "min({0}, {1})",
                    ("the smaller of {0} and {1}", "the minimum of {0} and {1}"), "WW", "W",
                    cost=2, named=True,
                    expand=lambda a, b: _mux(_node("lt", a, b, width=1), a, b)),
    "max": Operator("({0} > {1}) ? {0} : {1}", "max({0}, {1})",
                    ("the larger of {0} and {1}", "the maximum of {0} and {1}"), "WW", "W",
                    cost=2, named=True,
                    expand=lambda a, b: _mux(_node("gt", a, b, width=1), a, b)),
    "absdiff": Operator("({0} > {1}) ? ({0} - {1}) : ({1} - {0})", "abs({0} - {1})",
                        ("the absolute difference of {0} and {1}",), "WW", "W",
                        cost=3, named=True,
                        expand=lambda a, b: _mux(_node("gt", a, b, width=1),
                                                 _node("sub", a, b), _node("sub", b, a))),
    "satsub": Operator("({0} < {1}) ? {v}'d0 : ({0} - {1})", "max({0} - {1}, 0)",
                       ("{0} minus {1}, but 0 if that is negative",
                        "the saturating difference {0} minus {1}"), "WW", "W",
                       cost=3, named=True,
                       expand=lambda a, b: _mux(_node("lt", a, b, width=1), _any(a),
                                                _node("sub", a, b))),
    "satadd": Operator("(({0} + {1}) < {0}) ? {{{v}{{1'b1}}}} : ({0} + {1})",
                       "min({0} + {1}, {m})",
                       ("{0} plus {1}, limited to all ones on overflow",
                        "the saturating sum of {0} and {1}"), "WW", "W", cost=3, named=True),
    "wrap": Operator("({0} == {v}'d{k}) ? {v}'d0 : ({0} + {v}'d1)",
                     "0 if {0} == {k} else ({0} + 1) & {m}",
                     ("{0} plus 1, going back to 0 after {k}",), "W", "W", cost=2, named=True,
                     expand=lambda a: _mux(_node("eq", a, _any(a), width=1), _any(a),
                                           _node("add", a, _any(a)))),
    # results of another width: only at the root of an expression
    "cat": Operator("{{{0}, {1}}}", "{0} << {x} | {1}",
                    ("the concatenation of {0} and {1}", "{0} followed by {1}"), "WW", "O"),
    "sum": Operator("{{1'b0, {0}}} + {{1'b0, {1}}}", "{0} + {1}",
                    ("the {v}-bit sum of {0} and {1} with carry",), "WW", "O", cost=2),
    "decode": Operator("{v}'d1 << {0}", "1 << ({0})",
                       ("the one-hot code of {0}", "{v} bits of which only bit {0} is 1"),
                       "N", "O"),
    "encode": Operator("{0}[3] ? 2'd3 : {0}[2] ? 2'd2 : {0}[1] ? 2'd1 : 2'd0",
                       "max(({0}).bit_length() - 1, 0)",
                       ("the index of the highest 1 in {0}, or 0 without any",), "4", "O",
                       cost=3, named=True),
    "ones": Operator("{ones}", "({0}).bit_count()",
                     ("the number of ones in {0}", "how many bits of {0} are 1"), "34", "O",
                     cost=2, named=True),
    "mux4": Operator("{0}[1] ? ({0}[0] ? {4} : {3}) : ({0}[0] ? {2} : {1})",
                     "({1}, {2}, {3}, {4})[{0}]",
                     ("the one of {1}, {2}, {3} and {4} that {0} selects, counted from 0",),
                     "2WWWW", "W", cost=3, named=True,
                     expand=lambda s, a, b, c, d: _mux(_bit(s), _mux(_bit(s), d, c),
                                                       _mux(_bit(s), b, a))),
    # memory: operand 0 is a register
    "shin": Operator("{{{0}[{w2}:0], {1}}}", "({0} << 1 | {1}) & {m}",
                     ("{0} shifted left with {1} entering at bit 0",), "WB", "W", named=True),
    "shinr": Operator("{{{1}, {0}[{w1}:1]}}", "{0} >> 1 | ({1}) << {w1}",
                      ("{0} shifted right with {1} entering at the top",), "WB", "W", named=True),
    "rise": Operator("{0} & ~{1}", "{0} & ~{1} & {m}",
                     ("whether {0} has risen since the last clock edge",
                      "1 where {0} is 1 and was 0 at the last clock edge"), "XX", "X",
                     expand=lambda a, b: _node("and", a, _node("not", b))),
    "fall": Operator("~{0} & {1}", "~{0} & {1} & {m}",
                     ("whether {0} has fallen since the last clock edge",
                      "1 where {0} is 0 and was 1 at the last clock edge"), "XX", "X",
                     expand=lambda a, b: _node("and", _node("not", a), b)),
    "change": Operator("{0} ^ {1}", "{0} ^ {1}",
                       ("whether {0} has changed since the last clock edge",
                        "1 where {0} differs from the last clock edge"), "XX", "X",
                       expand=lambda a, b: _node("xor", a, b)),
    "recent": Operator("{0} == {w}'b{pattern}", "int({0} == {k})",
                       ("whether the last {w} values of {1} were {pattern}, oldest first",),
                       "WB", "B", expand=lambda a, _: _node("eq", a, _any(a), width=1)),
}  # fmt: skip


def shape(expr: Expr) -> str:
    """Return the structure of a tree, without names, widths and numbers.

    Commutative operands are sorted.
    """
    if expr.leaf:
        return "k" if expr.op == "const" else "v"
    operator = OPERATORS[expr.op]
    if operator.expand is not None:
        return shape(operator.expand(*expr.args))
    parts = [shape(argument) for argument in expr.args]
    return f"{expr.op}({','.join(sorted(parts) if operator.commutes else parts)})"


def cost(expr: Expr) -> int:
    """Return how much an expression adds to the level of a problem."""
    return sum(OPERATORS[node.op].cost for node in expr.walk() if not node.leaf)


def fill(template: str, expr: Expr, operands: list[str]) -> str:
    """Return a template with an operator's operands and numbers filled in."""
    width = expr.args[0].width
    return template.format(
        *operands,
        w=width,
        w1=width - 1,
        w2=width - 2,
        x=expr.args[-1].width,
        v=expr.width,
        m=f"{(1 << expr.width) - 1:#x}",
        k=expr.value,
        pattern=f"{expr.value:0{width}b}",
        ones=" + ".join(f"{operands[0]}[{bit}]" for bit in reversed(range(width))),
    )
