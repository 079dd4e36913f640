"""Datapath: expressions, with or without registers, and the three texts written from them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from itertl_eval.corpus._bench_file import file_text, python
from itertl_eval.corpus._circuit import Reset, declare
from itertl_eval.corpus._expr import Expr
from itertl_eval.corpus._lets import Lets
from itertl_eval.corpus._operators import OPERATORS, cost, fill, shape


@dataclass(frozen=True)
class Rule:
    """At a clock edge the register takes `value` if `when` is 1; without `when`, always."""

    value: Expr
    when: Expr | None = None


@dataclass(frozen=True)
class Register:
    """A register that takes the value of the first rule that applies, or else holds.

    A `hidden` one is not named in the specification.
    """

    name: str
    width: int
    rules: tuple[Rule, ...]
    init: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class Datapath:
    """A `Circuit` of expressions over inputs and registers.

    With `steps` the specification names intermediate values; `first` is the number of the first
    such name.
    """

    family: str
    inputs: Mapping[str, int]
    results: tuple[tuple[str, Expr], ...]
    registers: tuple[Register, ...] = ()
    reset: Reset | None = None
    steps: bool = False
    first: int = 1

    @property
    def clocked(self) -> bool:
        return bool(self.registers)

    @property
    def outputs(self) -> dict[str, int]:
        return {name: expr.width for name, expr in self.results}

    def registers_as_ports(self) -> set[str]:
        ports = {name for name, expr in self.results if expr.op == "var" and expr.name == name}
        return ports & {register.name for register in self.registers}

    # -- structure --------------------------------------------------------------------------

    @property
    def expressions(self) -> list[Expr]:
        found = [expr for _, expr in self.results]
        for register in self.registers:
            for rule in register.rules:
                found += [rule.value] if rule.when is None else [rule.when, rule.value]
        return found

    @cached_property
    def shape(self) -> str:
        outputs = sorted(shape(expr) for _, expr in self.results if not expr.leaf)
        registers = [
            ";".join(f"{shape(r.when) if r.when else ''}?{shape(r.value)}" for r in register.rules)
            for register in self.registers
        ]
        kind = self.reset.kind if self.reset else ""
        return f"{'|'.join(outputs)}/{'|'.join(sorted(registers))}/{kind}"

    @cached_property
    def parts(self) -> tuple[str, ...]:
        parts = [node.op for expr in self.expressions for node in expr.walk() if not node.leaf]
        for register in self.registers:
            parts.append("register")
            parts += ["enable" for rule in register.rules[-1:] if rule.when is not None]
            parts += ["priority" for _ in register.rules[1:]]
        parts += [f"{self.reset.kind} reset"] if self.reset else []
        return tuple(parts)

    @cached_property
    def level(self) -> int:
        operators = sum(cost(expr) for expr in self.expressions)
        return operators + sum(part not in OPERATORS for part in self.parts)

    # -- Verilog ----------------------------------------------------------------------------

    def body(self) -> str:
        lets = Lets(self.steps, self.first)
        blocks = [self._always(register, lets) for register in self.registers]
        assigns = [
            f"    assign {name} = {verilog(lets.flatten(expr))};"
            for name, expr in self.results
            if name not in self.registers_as_ports()
        ]
        wires = [
            f"{declare('wire', name, expr.width)} = {verilog(expr)};"
            for expr, name in lets.steps.items()
        ]
        registers = [
            declare("reg", register.name, register.width) + ";"
            for register in self.registers
            if register.name not in self.registers_as_ports()
        ]
        return "\n".join([*registers, *wires, *blocks, *assigns, "endmodule", ""])

    def _always(self, register: Register, lets: Lets) -> str:
        sensitivity = self.reset.sensitivity if self.reset else "posedge clk"
        lines = [f"    always @({sensitivity})"]
        branches = []
        if self.reset:
            start = f"{register.width}'d{register.init}"
            branches.append((self.reset.condition, start))
        for rule in register.rules:
            condition = verilog(lets.flatten(rule.when)) if rule.when else ""
            branches.append((condition, verilog(lets.flatten(rule.value))))
        for index, (condition, value) in enumerate(branches):
            lead = "else " if index else ""
            test = f"if ({condition}) " if condition else ""
            lines.append(f"        {lead}{test}{register.name} <= {value};")
        return "\n".join(lines)

    # -- English ----------------------------------------------------------------------------

    def english(self, rng: random.Random) -> list[str]:
        lets = Lets(self.steps, self.first)

        def say(expr: Expr) -> str:
            return english(lets.flatten(expr) if self.steps else expr, rng)

        sentences = []
        for register in self.registers:
            if not register.hidden:
                sentences += self._clauses(register, say, rng)
        if self.reset:
            shown = [r for r in self.registers if not r.hidden]
            sets = " and ".join(f"{r.name} to {r.init}" for r in shown)
            effect = f"sets {sets}" if shown else "clears the memory of past values"
            sentences.append(self.reset.english(rng, effect))
        ports = self.registers_as_ports()
        for name, expr in self.results:
            if name not in ports:
                text = say(expr)
                frames = [
                    f"Set {name} to {text}.",
                    f"{name} is {text}.",
                    f"Output {text} on {name}.",
                ]
                sentences.append(rng.choice(frames))
        steps = [f"Let {name} be {english(expr, rng)}." for expr, name in lets.steps.items()]
        return steps + sentences

    def _clauses(
        self, register: Register, say: Callable[[Expr], str], rng: random.Random
    ) -> list[str]:
        clauses = []
        port = register.name in self.registers_as_ports()
        size = f"{register.width}-bit "
        for index, rule in enumerate(register.rules):
            condition = f"if {say(rule.when)} is 1, " if rule.when else ""
            lead = "otherwise, " if index and condition else "otherwise " if index else ""
            taker = register.name if index or port else f"the {size}register {register.name}"
            clauses.append(f"{lead}{condition}{taker} takes {say(rule.value)}")
        if register.rules[-1].when is not None:
            endings = ["holds", "keeps its value"]
            clauses.append(f"otherwise {register.name} {rng.choice(endings)}")
        start = rng.choice(["On each rising edge of clk", "At every rising clock edge"])
        return [f"{start}, {'; '.join(clauses)}."]

    def bench(self) -> str:
        golden = _model(self) if self.clocked else _function(self)
        constants = [node.value for e in self.expressions for node in e.walk() if node.value]
        return file_text(self, golden, constants)


def _operands(expr: Expr, texts: list[str]) -> list[str]:
    pairs = zip(expr.args, texts, strict=True)
    return [text if argument.leaf else f"({text})" for argument, text in pairs]


def verilog(expr: Expr) -> str:
    """Return a Verilog expression; every operand that is not a leaf is in parentheses."""
    if expr.op == "var":
        return expr.name
    if expr.op == "const":
        return f"{expr.width}'d{expr.value}"
    operands = _operands(expr, [verilog(argument) for argument in expr.args])
    return fill(OPERATORS[expr.op].verilog, expr, operands)


def english(expr: Expr, rng: random.Random) -> str:
    """Return the expression in words, each operator in one of its phrasings."""
    if expr.op == "var":
        return expr.name
    if expr.op == "const":
        return str(expr.value)
    operands = _operands(expr, [english(argument, rng) for argument in expr.args])
    return fill(rng.choice(OPERATORS[expr.op].english), expr, operands)


def _function(circuit: Datapath) -> str:
    """Return the reference model of a combinational circuit."""
    results = ", ".join(f'"{name}": {python(expr)}' for name, expr in circuit.results)
    return f"def golden(i):\n    return {{{results}}}\n"


def _model(circuit: Datapath) -> str:
    """Return the reference model of a clocked circuit."""
    registers = [register.name for register in circuit.registers]
    starts = [f"        self.{r.name} = {r.init}\n" for r in circuit.registers]
    lines = ["class Golden(Model):\n"]
    if circuit.reset:
        lines += ["    def reset(self):\n", *starts, "\n"]
    else:
        lines += ["    def __init__(self):\n"]
        lines += [f"        self.{name} = None\n" for name in registers] + ["\n"]
    lines.append("    def edge(self, i):\n")
    for register in circuit.registers:
        lines += _update(register, registers)
    new = ", ".join(f"new_{name}" for name in registers)
    lines.append(f"        {', '.join(f'self.{name}' for name in registers)} = {new}\n\n")
    lines.append("    def outputs(self, i):\n")
    if not circuit.reset:
        unknown = " or ".join(f"self.{name} is None" for name in registers)
        nothing = ", ".join(f'"{name}": None' for name in circuit.outputs)
        lines += [f"        if {unknown}:\n", f"            return {{{nothing}}}\n"]
    results = ", ".join(f'"{name}": {python(expr, registers)}' for name, expr in circuit.results)
    lines.append(f"        return {{{results}}}\n")
    return "".join(lines)


def _update(register: Register, registers: list[str]) -> list[str]:
    """Return the lines of `edge` that compute a register's next value."""
    lines = [f"        new_{register.name} = self.{register.name}\n"]
    for index, rule in enumerate(register.rules):
        value = python(rule.value, registers)
        if rule.when is None and not index:
            return [f"        new_{register.name} = {value}\n"]
        test = f"if {python(rule.when, registers)}:" if rule.when else "else:"
        word = "el" if index and rule.when else ""
        lines += [f"        {word}{test}\n", f"            new_{register.name} = {value}\n"]
    return lines
