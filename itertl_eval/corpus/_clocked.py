"""Families with state: registers whose next value is an expression, and state machines."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from itertl_eval.corpus._choice import Choices
from itertl_eval.corpus._circuit import Circuit, Reset
from itertl_eval.corpus._datapath import Datapath, Register, Rule
from itertl_eval.corpus._expr import Expr, var
from itertl_eval.corpus._machine import Machine, reachable
from itertl_eval.corpus._operators import OPERATORS


@dataclass
class Core:
    """The core of a family; the rest of the level goes into features around it."""

    rules: list[Rule]
    name: str
    width: int
    init: int = 0
    remembers: bool = True
    """Whether the next value depends on the present one, so that a reset is needed."""
    hidden: bool = False
    result: Callable[[Choices, Expr], Expr] | None = None
    """Makes the output from the register, if it is not the register itself."""
    enable: bool = True


def reset(choices: Choices) -> Reset:
    low, asynchronous = choices.rng.random() < 0.35, choices.rng.random() < 0.4
    names = ("rst_n", "reset_n", "resetn") if low else ("rst", "reset", "clear")
    name = choices.rng.choice(names)
    choices.inputs = {name: 1, **choices.inputs}
    return Reset(name, asynchronous, low)


def _finish(family: str, choices: Choices, core: Core, rest: int) -> Datapath | None:
    """Spend `rest` parts on a reset, an enable and an expression at the output."""
    rng = choices.rng
    rest -= core.remembers
    with_reset = core.remembers
    register = var(core.name, core.width)
    rules = list(core.rules)
    result = core.result(choices, register) if core.result else register
    if rest > 0 and not core.remembers and rng.random() < 0.7:
        with_reset, rest = True, rest - 1
    if rest > 0 and core.enable and rules[-1].when is None and rng.random() < 0.6:
        rules[-1] = replace(rules[-1], when=choices.fresh(1))
        rest -= 1
    if rest > 0 and rules[-1].when is None and core.enable and with_reset and rng.random() < 0.3:
        rules.insert(0, Rule(choices.leaf(core.width), choices.fresh(1)))
        rest -= 1
    while rest > 0 and not core.hidden:
        result, rest = _wrap(choices, result, rest)
    if rest != 0 or (result != register and not with_reset and not core.hidden):
        return None
    name = core.name if result == register else choices.result()
    init = core.init
    if with_reset and not init and not core.hidden and core.width > 1 and rng.random() < 0.25:
        init = rng.randrange(1 << core.width)
    registers = (Register(core.name, core.width, tuple(rules), init, core.hidden),)
    signal = reset(choices) if with_reset else None
    circuit = Datapath(family, dict(choices.inputs), ((name, result),), registers, signal)
    used = set().union(*(expr.names() for expr in circuit.expressions))
    used |= {signal.name} if signal else set()
    inputs = {n: w for n, w in circuit.inputs.items() if n in used}
    return replace(circuit, inputs=inputs, steps=circuit.level > 3 and rng.random() < 0.3)


def _wrap(choices: Choices, expr: Expr, rest: int) -> tuple[Expr, int]:
    """Put one more operator around an output; return it and the rest of the level."""
    operators = ["not", "and", "or", "xor"]
    if expr.width > 1:
        operators += ["add", "sub", "eq", "lt", "gt", "ge", "lnot", "rxor", "rand"] * 2
    op = choices.rng.choice(operators)
    operator = OPERATORS[op]
    width = 1 if operator.gives == "B" else expr.width
    operands = [expr]
    if len(operator.takes) > 1:
        constant = expr.width > 1 and choices.rng.random() < 0.5
        operands.append(choices.constant(expr.width) if constant else choices.leaf(expr.width))
    return Expr(op, width, tuple(operands)), rest - 1


def register(rng: random.Random, level: int) -> Circuit | None:
    """A register of an input or of an expression."""
    choices = Choices(rng, rng.choice([0, 0, 1]))
    data = rng.choice([0, 0, *range(level)])
    value = choices.tree(choices.width, data)
    core = Core([Rule(value)], choices.result(), choices.width, remembers=False)
    return _finish("register", choices, core, level - 1 - data)


def counter(rng: random.Random, level: int) -> Circuit | None:
    """Up, down, both, by a step, modulo, with load."""
    choices = Choices(rng, rng.choice([3, 4, 4, 5, 6, 8]))
    name, width = choices.result(), choices.width
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
        rules = [Rule(Expr("mux", width, (choices.fresh(1), rules[0].value, down)))]
        spent = 4
    elif kind in ("load", "clear"):
        first = choices.fresh(width) if kind == "load" else Expr("const", width, value=0)
        rules.insert(0, Rule(first, choices.fresh(1)))
        spent = 3
    return _finish("counter", choices, Core(rules, name, width), level - spent)


def shifter(rng: random.Random, level: int) -> Circuit | None:
    """Shift registers either way, rotation with load."""
    choices = Choices(rng, rng.choice([3, 4, 4, 5, 8, 8]))
    name, width = choices.result(), choices.width
    q = var(name, width)
    if rng.random() < 0.3:
        load = Rule(choices.fresh(width), choices.fresh(1))
        rules = [load, Rule(Expr(rng.choice(["rotl", "rotr"]), width, (q,)))]
        return _finish("shifter", choices, Core(rules, name, width), level - 3)
    data = rng.choice([0, 0, max(0, min(2, level - 3))])
    op = rng.choice(["shin", "shin", "shinr"])
    rules = [Rule(Expr(op, width, (q, choices.tree(1, data))))]
    return _finish("shifter", choices, Core(rules, name, width), level - 2 - data)


def edge(rng: random.Random, level: int) -> Circuit | None:
    """Rising, falling and any edge of a bit or of each bit of a vector."""
    choices = Choices(rng, rng.choice([1, 1, 2, 4, 8]))
    watched = choices.fresh(choices.width)
    op = rng.choice(["rise", "fall", "change"])
    extra = max(0, level - 2 - rng.randint(0, 1))

    def detect(choices: Choices, previous: Expr) -> Expr:
        found = Expr(op, choices.width, (watched, previous))
        for _ in range(extra):
            found, _ = _wrap(choices, found, 1)
        return found

    core = Core(
        [Rule(watched)],
        "prev",
        choices.width,
        remembers=False,
        hidden=True,
        result=detect,
        enable=False,
    )
    return _finish("edge", choices, core, level - 2 - extra)


def accumulator(rng: random.Random, level: int) -> Circuit | None:
    """A running sum, difference, parity or extreme of an expression."""
    choices = Choices(rng, rng.choice([4, 6, 8, 8, 12, 16]))
    name, width = choices.result(), choices.width
    op = rng.choice(["add", "add", "sub", "xor", "max", "satadd", "satsub", "min"])
    spent = 1 + OPERATORS[op].cost
    data = rng.choice([0, max(0, level - spent - 1)])
    if level - spent - data < 1:
        return None
    init = (1 << width) - 1 if op in ("min", "satsub") else 0
    rules = [Rule(Expr(op, width, (var(name, width), choices.tree(width, data))))]
    return _finish("accumulator", choices, Core(rules, name, width, init), level - spent - data)


def toggler(rng: random.Random, level: int) -> Circuit | None:
    """A register that flips or folds itself."""
    choices = Choices(rng, rng.choice([1, 1, 4, 8]))
    name = choices.result()
    q = var(name, choices.width)
    core = Core([Rule(Expr("not", choices.width, (q,)))], name, choices.width)
    return _finish("toggler", choices, core, level - 2)


def sequence(rng: random.Random, level: int) -> Circuit | None:
    """The last few values of an input compared with a pattern."""
    if level < 4:
        return None
    length = rng.choice([2, 3, 3, 4])
    choices = Choices(rng, length)
    data = choices.fresh(1)
    pattern = rng.randrange(1, 1 << length)

    def detect(choices: Choices, history: Expr) -> Expr:
        found = Expr("recent", 1, (history, data), value=pattern)
        for _ in range(extra):
            found, _ = _wrap(choices, found, 1)
        return found

    extra = max(0, level - 4)
    name = rng.choice(["hist", "past", "seen"])
    shift = Expr("shin", length, (var(name, length), data))
    core = Core([Rule(shift)], name, length, hidden=True, result=detect, enable=False)
    return _finish("sequence", choices, core, level - 3 - extra)


def machine(rng: random.Random, level: int) -> Circuit | None:
    """A Moore or Mealy machine whose states can all be reached."""
    mealy, extra = rng.random() < 0.35, rng.choice([0, 0, 1])
    count = level - 1 - mealy - extra
    if not 2 <= count <= 6 or extra >= count - 1:
        return None
    choices = Choices(rng, 1)
    data, start = choices.fresh(1).name, reset(choices)
    for _ in range(50):
        rows = [(rng.randrange(count), rng.randrange(count)) for _ in range(count)]
        table = tuple(rows)
        if len(reachable(table)) == count and all(a != b for a, b in table[:2]):
            break
    else:
        return None
    marked = tuple(sorted(rng.sample(range(count), 1 + extra)))
    states = tuple(rng.choice(["ABCDEF", "PQRSTU"])[:count])
    return Machine("machine", states, table, marked, start, data, choices.result(), mealy)


FAMILIES = (
    *(register, register),
    *(counter, counter),
    *(shifter, edge, accumulator, toggler, sequence),
    *(machine, machine),
)
"""The families to choose from; those that come twice are chosen twice as often."""
