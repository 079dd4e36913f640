"""Second opinions from slang: ports as a design declares them, and readable syntax errors.

slang never rejects anything here. It explains what the compiler refused, and it knows the
direction and width of each port of an elaborated module.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxTree

from itertl_eval.problem import Direction, Port

FILE = "completion.sv"
_DIRECTIONS: dict[str, Direction] = {"In": "input", "Out": "output", "InOut": "inout"}


def errors(text: str) -> Iterator[str]:
    """The syntax errors of `text`, each as 'line 3: what is wrong'."""
    try:
        tree = SyntaxTree.fromText(text, FILE)
    except RuntimeError:  # nested too deep
        return
    sources = tree.sourceManager
    engine = pyslang.DiagnosticEngine(sources)
    for diagnostic in tree.diagnostics:
        if diagnostic.isError():
            line = sources.getLineNumber(diagnostic.location)
            yield f"line {line}: {engine.formatMessage(diagnostic)}"


def ports(text: str, top: str) -> tuple[Port, ...] | None:
    """The ports of module `top`, or None where slang can't tell."""
    options = CompilationOptions()
    options.topModules = {top}
    options.maxInstanceDepth = 64
    options.maxGenerateSteps = 100_000
    options.maxConstexprSteps = 1_000_000
    compilation = Compilation(pyslang.Bag([options]))
    try:
        compilation.addSyntaxTree(SyntaxTree.fromText(text, FILE))
    except RuntimeError:  # nested too deep
        return None
    for instance in compilation.getRoot().topInstances:
        if instance.name != top:
            continue
        found = []
        for port in instance.body.portList:
            direction = _DIRECTIONS.get(str(getattr(port, "direction", "")).rpartition(".")[2])
            if direction is None:
                return None
            width = port.type.bitWidth if port.type.isIntegral else 0  # a real has no width
            found.append(Port(port.name, direction, width))
        return tuple(found)
    return None


def compare(wanted: tuple[Port, ...], found: tuple[Port, ...]) -> list[str]:
    """What is wrong with an interface: missing, misdirected, resized and surplus ports."""
    have = {port.name: port for port in found}
    problems = []
    for port in wanted:
        other = have.pop(port.name, None)
        if other is None:
            near = next((n for n in have if n.lower() == port.name.lower()), None)
            hint = f" (there is {near!r})" if near else ""
            problems.append(f"port '{port}' is missing{hint}")
        elif other != port:
            problems.append(f"port '{port}' is declared as '{other}'")
    problems += [
        f"port '{port}' is not in the specification and would be left open"
        for port in have.values()
        if port.direction != "output"
    ]
    return problems
