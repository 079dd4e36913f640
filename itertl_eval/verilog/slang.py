"""Second opinions from slang: ports as a design declares them, and readable syntax errors.

slang never rejects anything here. It explains what the compiler refused, and it knows the
direction and width of each port of an elaborated module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyslang
from pyslang.ast import (
    Compilation,
    CompilationOptions,
)
from pyslang.syntax import SyntaxTree

from itertl_eval.problem import Direction, Port
from itertl_eval.verilog._text import blank

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
    try:
        compilation, _ = compile_text(text, top)
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


def root_of(text: str) -> str | None:
    """The name of the one root module in a text, prose around it allowed; None for none or two.

    A root is a module that no other module of the text instantiates.
    """
    bare = blank(text)
    names = list(
        dict.fromkeys(re.findall(r"\bmodule\s+(?:automatic\s+)?([A-Za-z_]\w*)\s*[#(;]", bare))
    )
    used = {
        name
        for name in names
        if re.search(
            rf"(?<!module )(?<!module  )\b{name}\s+(?:#\s*\(|[A-Za-z_]\w*\s*(?:\[|\())", bare
        )
    }
    roots = [name for name in names if name not in used]
    return roots[0] if len(roots) == 1 else None


def compile_text(code: str, top: str | None = None) -> tuple[Compilation, SyntaxTree]:
    """Elaborate a text with slang, with `top` or every root module as its top level.

    Raises RuntimeError where the text is nested too deep for slang's parser.
    """
    options = CompilationOptions()
    if top is not None:
        options.topModules = {top}
    options.maxInstanceDepth = 64
    options.maxGenerateSteps = 100_000
    options.maxConstexprSteps = 1_000_000
    compilation = Compilation(pyslang.Bag([options]))
    tree = SyntaxTree.fromText(code, FILE)
    compilation.addSyntaxTree(tree)
    return compilation, tree
