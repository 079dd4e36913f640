"""Testbench files: the Python that is the same for every circuit, whatever it is inside."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any

from itertl_eval.corpus._circuit import Circuit
from itertl_eval.corpus._expr import Expr
from itertl_eval.corpus._operators import OPERATORS, fill

EXHAUSTIVE_BITS = 9
"""Combinational circuits with up to so many input bits are tested with every input."""


def python(expr: Expr, registers: Iterable[str] = ()) -> str:
    """Return the expression in Python, over `i` (the inputs) and `self` (the registers)."""
    if expr.op == "var":
        return f"self.{expr.name}" if expr.name in registers else f"i.{expr.name}"
    if expr.op == "const":
        return str(expr.value)
    operands = []
    for argument in expr.args:
        text = python(argument, registers)
        operands.append(text if argument.leaf else f"({text})")
    return fill(OPERATORS[expr.op].python, expr, operands)


def file_text(circuit: Circuit, golden: str, constants: Iterable[int] = ()) -> str:
    """Return a testbench file around a reference model.

    Args:
        circuit: The ports and the reset.
        golden: The model's source, named `golden`, or `Golden` if the circuit is clocked.
        constants: Numbers in the circuit, near which operands must be tested.
    """
    inputs = dict(circuit.inputs)
    arguments = f"inputs={inputs}, outputs={dict(circuit.outputs)}"
    reset = getattr(circuit, "reset", None)
    if circuit.clocked:
        arguments = f'clock="clk", {reset.bench + ", " if reset else ""}{arguments}'
    name = "Golden" if circuit.clocked else "golden"
    cases = _clocked_cases(circuit, constants) if circuit.clocked else _cases(circuit, constants)
    return (
        f'"""{circuit.family}, level {circuit.level}: written by itertl_eval.corpus."""\n\n'
        f"from itertl_eval.bench import Bench{', Model' if circuit.clocked else ''}\n\n\n"
        f"{golden}\n\nbench = Bench({name}, {arguments})\n{cases}"
    )


def _case(name: str, lines: str) -> str:
    return f"\n\n@bench.case\ndef {name}(rng):\n{lines}"


def _few(inputs: Mapping[str, int], constants: Iterable[int]) -> str:
    """Return weights that take vectors from a few values, so that equal and near operands meet."""
    weights = []
    for name, width in inputs.items():
        if width > 1:
            full = (1 << width) - 1
            near = {c + d for c in constants for d in (-1, 0, 1) if 0 <= c + d <= full}
            weights.append(f"{name}={sorted({0, 1, full - 1, full} | near)}")
    return ", ".join(weights)


def _cases(circuit: Circuit, constants: Iterable[int]) -> str:
    if sum(circuit.inputs.values()) <= EXHAUSTIVE_BITS:
        return _case("every_input", "    yield from bench.every()\n")
    few = _few(circuit.inputs, constants)
    return (
        _case("corners", "    yield from bench.corners(rng)\n")
        + _case("few_values", f"    yield from bench.random(rng, 120, {few})\n")
        + _case("random_inputs", "    yield from bench.random(rng, 200)\n")
    )


def _clocked_cases(circuit: Circuit, constants: Iterable[int]) -> str:
    reset = getattr(circuit, "reset", None)
    controls = [n for n, w in circuit.inputs.items() if w == 1 and (not reset or n != reset.name)]
    never = [f"{reset.name}=0.0"] if reset else []
    seldom = f", {reset.name}=0.06" if reset else ""
    busy = "".join(f", {text}" for text in [*never, *(f"{n}=0.9" for n in controls)])
    few = _few(dict(circuit.inputs), constants)
    text = _case("random_inputs", f"    yield from bench.random(rng, 200{seldom})\n")
    if few:
        text += _case("few_values", f"    yield from bench.random(rng, 100, {few}{seldom})\n")
    return text + _case("long_run", f"    yield from bench.random(rng, 290{busy})\n")


def lively(circuit: Circuit, rng: random.Random) -> bool:
    """Return False if an output hardly ever changes: a constant could pass such a problem."""
    space: dict[str, Any] = {}
    text = circuit.bench().replace("@bench.case", "")
    exec(compile(text, "bench", "exec"), space)
    bench = space["bench"]
    seen: list[tuple[int, int]] = []
    for name in ("every_input", "few_values", "random_inputs"):
        if name in space:
            steps = bench.steps(space[name], rng, True, True)
            seen += [
                (value, care) for (_, value, care, _), _ in zip(steps, range(72), strict=False)
            ]
    for offset, width in bench.interface.output_layout.fields.values():
        mask = ((1 << width) - 1) << offset
        values = [value & mask for value, care in seen if care & mask]
        commonest = max((values.count(v) for v in set(values)), default=0)
        if commonest > 0.95 * len(values):
            return False
    return True
