"""Families with memory: registers whose next value is an expression, and state machines."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from itertl_eval.corpus._choice import Draw
from itertl_eval.corpus._circuit import Circuit, Reset
from itertl_eval.corpus._datapath import Datapath, Register, Rule
from itertl_eval.corpus._expr import Expr, var
from itertl_eval.corpus._machine import Machine, reachable
from itertl_eval.corpus._operators import OPERATORS


@dataclass
class Core:
    """What a family has at its heart; the rest of the level goes into features around it."""

    rules: list[Rule]
    name: str
    width: int
    init: int = 0
    remembers: bool = True
    """The next value depends on the present one: a reset is needed."""
    hidden: bool = False
    result: Callable[[Draw, Expr], Expr] | None = None
    """What the output is when it is not the register itself."""
    enable: bool = True


def reset(draw: Draw) -> Reset:
    low, asynchronous = draw.rng.random() < 0.35, draw.rng.random() < 0.4
    names = ("rst_n", "reset_n", "resetn") if low else ("rst", "reset", "clear")
    name = draw.rng.choice(names)
    draw.inputs = {name: 1, **draw.inputs}
    return Reset(name, asynchronous, low)


def _finish(family: str, draw: Draw, core: Core, rest: int) -> Datapath | None:
    """Spend `rest` parts on a reset, an enable and an expression at the output."""
    rng = draw.rng
    need = core.remembers
    rest -= need
    wanted = bool(need)
    register = var(core.name, core.width)
    rules = list(core.rules)
    result = core.result(draw, register) if core.result else register
    if rest > 0 and not need and rng.random() < 0.7:
        wanted, rest = True, rest - 1
    if rest > 0 and core.enable and rules[-1].when is None and rng.random() < 0.6:
        rules[-1] = replace(rules[-1], when=draw.fresh(1))
        rest -= 1
    if rest > 0 and rules[-1].when is None and core.enable and wanted and rng.random() < 0.3:
        rules.insert(0, Rule(draw.leaf(core.width), draw.fresh(1)))
        rest -= 1
    while rest > 0 and not core.hidden:
        result, rest = _wrap(draw, result, rest)
    if rest != 0 or (result != register and not wanted and not core.hidden):
        return None
    name = core.name if result == register else draw.result()
    init = core.init
    if wanted and not init and not core.hidden and core.width > 1 and rng.random() < 0.25:
        init = rng.randrange(1 << core.width)
    registers = (Register(core.name, core.width, tuple(rules), init, core.hidden),)
    with_reset = reset(draw) if wanted else None
    circuit = Datapath(family, dict(draw.inputs), ((name, result),), registers, with_reset)
    used = set().union(*(expr.names() for expr in circuit.expressions))
    used |= {with_reset.name} if with_reset else set()
    inputs = {n: w for n, w in circuit.inputs.items() if n in used}
    return replace(circuit, inputs=inputs, steps=circuit.level > 3 and rng.random() < 0.3)


def _wrap(draw: Draw, expr: Expr, rest: int) -> tuple[Expr, int]:
    """One more operator around an output."""
    choices = ["not", "and", "or", "xor"]
    if expr.width > 1:
        choices += ["add", "sub", "eq", "lt", "gt", "ge", "lnot", "rxor", "rand"] * 2
    op = draw.rng.choice(choices)
    operator = OPERATORS[op]
    width = 1 if operator.gives == "B" else expr.width
    operands = [expr]
    if len(operator.takes) > 1:
        constant = expr.width > 1 and draw.rng.random() < 0.5
        operands.append(draw.constant(expr.width) if constant else draw.leaf(expr.width))
    return Expr(op, width, tuple(operands)), rest - 1


def register(rng: random.Random, level: int) -> Circuit | None:
    """A register of an input or of an expression."""
    draw = Draw(rng, rng.choice([0, 0, 1]))
    data = rng.choice([0, 0, *range(level)])
    value = draw.tree(draw.width, data)
    core = Core([Rule(value)], draw.result(), draw.width, remembers=False)
    return _finish("register", draw, core, level - 1 - data)


def counter(rng: random.Random, level: int) -> Circuit | None:
    """Up, down, both, by a step, modulo, with load."""
    draw = Draw(rng, rng.choice([3, 4, 4, 5, 6, 8]))
    name, width = draw.result(), draw.width
    q, one = var(name, width), Expr("const", width, value=1)
    kind = rng.choice(["up", "up", "down", "step", "modulo", "modulo", "both", "load", "clear"])
    step = one if kind != "step" else Expr("const", width, value=rng.randint(2, 3))
    rules = [Rule(Expr("sub" if kind == "down" else "add", width, (q, step)))]
    spent = 2
    if kind == "modulo":
        rules = [Rule(Expr("wrap", width, (q,), value=rng.randint(2, (1 << width) - 2)))]
        spent = 3
    elif kind == "both":
        down = Expr("sub", width, (q, one))
        rules = [Rule(Expr("mux", width, (draw.fresh(1), rules[0].value, down)))]
        spent = 4
    elif kind in ("load", "clear"):
        first = draw.fresh(width) if kind == "load" else Expr("const", width, value=0)
        rules.insert(0, Rule(first, draw.fresh(1)))
        spent = 3
    return _finish("counter", draw, Core(rules, name, width), level - spent)


def shifter(rng: random.Random, level: int) -> Circuit | None:
    """Shift registers either way, rotation with load."""
    draw = Draw(rng, rng.choice([3, 4, 4, 5, 8, 8]))
    name, width = draw.result(), draw.width
    q = var(name, width)
    if rng.random() < 0.3:
        rules = [Rule(draw.fresh(width), draw.fresh(1)),
                 Rule(Expr(rng.choice(["rotl", "rotr"]), width, (q,)))]  # fmt: skip
        return _finish("shifter", draw, Core(rules, name, width), level - 3)
    data = rng.choice([0, 0, max(0, min(2, level - 3))])
    op = rng.choice(["shin", "shin", "shinr"])
    rules = [Rule(Expr(op, width, (q, draw.tree(1, data))))]
    return _finish("shifter", draw, Core(rules, name, width), level - 2 - data)


def edge(rng: random.Random, level: int) -> Circuit | None:
    """Rising, falling and any edge of a bit or of each bit of a vector."""
    draw = Draw(rng, rng.choice([1, 1, 2, 4, 8]))
    watched = draw.fresh(draw.width)
    op = rng.choice(["rise", "fall", "change"])
    extra = max(0, level - 2 - rng.randint(0, 1))

    def detect(draw: Draw, previous: Expr) -> Expr:
        found = Expr(op, draw.width, (watched, previous))
        for _ in range(extra):
            found, _ = _wrap(draw, found, 1)
        return found

    core = Core([Rule(watched)], "prev", draw.width, remembers=False, hidden=True,
                result=detect, enable=False)  # fmt: skip
    return _finish("edge", draw, core, level - 2 - extra)


def accumulator(rng: random.Random, level: int) -> Circuit | None:
    """A running sum, difference, parity or extreme of an expression."""
    draw = Draw(rng, rng.choice([4, 6, 8, 8, 12, 16]))
    name, width = draw.result(), draw.width
    op = rng.choice(["add", "add", "sub", "xor", "max", "satadd", "satsub", "min"])
    spent = 1 + OPERATORS[op].cost
    data = rng.choice([0, max(0, level - spent - 1)])
    if level - spent - data < 1:
        return None
    init = (1 << width) - 1 if op in ("min", "satsub") else 0
    rules = [Rule(Expr(op, width, (var(name, width), draw.tree(width, data))))]
    return _finish("accumulator", draw, Core(rules, name, width, init), level - spent - data)


def toggler(rng: random.Random, level: int) -> Circuit | None:
    """A register that flips or folds itself."""
    draw = Draw(rng, rng.choice([1, 1, 4, 8]))
    name = draw.result()
    q = var(name, draw.width)
    core = Core([Rule(Expr("not", draw.width, (q,)))], name, draw.width)
    return _finish("toggler", draw, core, level - 2)


def sequence(rng: random.Random, level: int) -> Circuit | None:
    """The last few values of an input compared with a pattern."""
    if level < 4:
        return None
    length = rng.choice([2, 3, 3, 4])
    draw = Draw(rng, length)
    data = draw.fresh(1)
    pattern = rng.randrange(1, 1 << length)

    def detect(draw: Draw, history: Expr) -> Expr:
        found = Expr("recent", 1, (history, data), value=pattern)
        for _ in range(extra):
            found, _ = _wrap(draw, found, 1)
        return found

    extra = max(0, level - 4)
    name = rng.choice(["hist", "past", "seen"])
    shift = Expr("shin", length, (var(name, length), data))
    core = Core([Rule(shift)], name, length, hidden=True, result=detect, enable=False)
    return _finish("sequence", draw, core, level - 3 - extra)


def machine(rng: random.Random, level: int) -> Circuit | None:
    """A Moore or Mealy machine from a table in which every state can be reached."""
    mealy, extra = rng.random() < 0.35, rng.choice([0, 0, 1])
    count = level - 1 - mealy - extra
    if not 2 <= count <= 6 or extra >= count - 1:
        return None
    draw = Draw(rng, 1)
    data, start = draw.fresh(1).name, reset(draw)
    for _ in range(50):
        rows = [(rng.randrange(count), rng.randrange(count)) for _ in range(count)]
        table = tuple(rows)
        if len(reachable(table)) == count and all(a != b for a, b in table[:2]):
            break
    else:
        return None
    marked = tuple(sorted(rng.sample(range(count), 1 + extra)))
    states = tuple(rng.choice(["ABCDEF", "PQRSTU"])[:count])
    return Machine("machine", states, table, marked, start, data, draw.result(), mealy)


FAMILIES = (register, register, counter, counter, shifter, edge, accumulator, toggler, sequence,
            machine, machine)  # fmt: skip
