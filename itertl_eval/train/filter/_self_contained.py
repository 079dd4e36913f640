"""The paper's plug-and-play filter: find designs that are not self-contained.

A reference that needs a file, macro or module from elsewhere teaches a model to write designs
that cannot be compiled. The rules read the text with slang and start no simulator; the filter
command and the loop ask the grader whether the compiler agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyslang.analysis import AnalysisManager
from pyslang.ast import (
    ArgumentDirection,
    Compilation,
    InstanceSymbol,
    NetSymbol,
    NetType,
    PortSymbol,
    ValueSymbol,
)
from pyslang.parsing import Token, TokenKind
from pyslang.syntax import SyntaxKind, SyntaxTree

from itertl_eval.problem import Port
from itertl_eval.train.data import Instruction
from itertl_eval.verilog import blank, compare, slang, without_comments

_READMEM = re.compile(r"\$readmem[bh]\s*\(\s*\"")
_BRANCHES = (SyntaxKind.IfGenerate, SyntaxKind.CaseGenerate, SyntaxKind.LoopGenerate)
_DRIVES_ITSELF = (
    NetType.NetKind.Supply0,
    NetType.NetKind.Supply1,
    NetType.NetKind.Tri0,
    NetType.NetKind.Tri1,
)


@dataclass(frozen=True)
class Fault:
    """The rule that a design breaks, and where or with what."""

    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}" if self.detail else self.rule


def faults_of(instruction: Instruction) -> list[Fault]:
    """Return the faults of an instruction's reference; none if it has no reference."""
    if instruction.reference is None:
        return []
    problem = instruction.problem
    header = problem.prompt.header.rstrip()
    whole = bool(header) and header in instruction.reference
    code = instruction.reference if whole else f"{header}\n{instruction.reference}\n"
    return list(faults(code, problem.top, problem.ports))


def faults(code: str, top: str | None = None, ports: tuple[Port, ...] = ()) -> Iterator[Fault]:
    """Yield the faults of a design, the worst first; none if it is self-contained.

    Args:
        code: Text of the design.
        top: Required name of its only root module.
        ports: Required ports of that module.
    """
    if not code.strip():
        yield Fault("empty", "")
        return
    bare = blank(code)
    if not re.search(r"\bendmodule\b", bare):
        yield Fault("cut off", "no endmodule")
        return
    if found := re.search(r"`\s*include\b[^\n]*", bare):
        yield Fault("include", f"line {bare.count(chr(10), 0, found.start()) + 1}")
        return
    if _READMEM.search(without_comments(code)):
        yield Fault("reads a file", "$readmem")
    compilation, tree = slang.compile_text(code)
    roots = list(compilation.getRoot().topInstances)
    diagnosed = list(_diagnosed(compilation, tree))
    yield from diagnosed
    names = sorted(instance.name for instance in roots)
    if len(names) != 1:
        yield Fault("not one root module", ", ".join(names) or "none")
        return
    if top is not None and names[0] != top:
        yield Fault("another top module", f"{names[0]} instead of {top}")
        return
    declared = slang.ports(code, names[0])
    if ports and declared is not None and (wrong := compare(ports, declared)):
        yield Fault("ports", "; ".join(wrong))
    if not diagnosed:  # a module that is missing may have driven an output
        yield from _undriven(compilation, roots[0])


def _diagnosed(compilation: Compilation, tree: SyntaxTree) -> Iterator[Fault]:
    """Yield slang's diagnostics that mean "not self-contained"; style and lint errors do not."""
    broken = next((d for d in tree.diagnostics if d.isError()), None)
    for diagnostic in compilation.getAllDiagnostics():
        name = str(diagnostic.code).removeprefix("DiagCode(").removesuffix(")")
        rule = {
            "UnknownModule": "unknown module",
            "UnknownDirective": "undefined macro",
            "UnknownPackage": "unknown package",
        }.get(name)
        if rule is not None:
            yield Fault(rule, slang.message(diagnostic, tree))
            if diagnostic is broken:
                return
    if broken is not None and not str(broken.code).endswith("(UnknownDirective)"):
        yield Fault("syntax", slang.message(broken, tree))


def _undriven(compilation: Compilation, root: InstanceSymbol) -> Iterator[Fault]:
    """Yield outputs without a driver; a partly driven output counts as driven.

    slang finds drivers through instances, loops and tasks. Where it finds none but the text may
    hold one, the text decides: `force`, `alias` and branches that these parameters disable count
    as drivers.
    """
    manager = AnalysisManager()
    manager.analyze(compilation)
    written: set[str] | None = None
    for port in root.body.portList:
        if not isinstance(port, PortSymbol) or port.direction != ArgumentDirection.Out:
            continue
        symbol = port.internalSymbol  # None for `output .name(expression)`
        if not isinstance(symbol, ValueSymbol) or manager.getDrivers(symbol):
            continue
        if isinstance(symbol, NetSymbol) and symbol.netType.netKind in _DRIVES_ITSELF:
            continue
        if written is None:
            written = set(_written(root.body.syntax))
        if port.name not in written:
            yield Fault("undriven output", port.name)


def _written(module: Any) -> Iterator[str]:
    """Yield names that a module's text assigns, aliases, or connects in a generate branch."""
    waiting: list[tuple[Any, bool, bool]] = [(module, False, False)]
    while waiting:
        node, branch, target = waiting.pop()
        if node is None:
            continue
        if isinstance(node, Token):
            if target and node.kind == TokenKind.Identifier:
                yield str(node.valueText)
            continue
        branch = branch or node.kind in _BRANCHES
        target = target or node.kind == SyntaxKind.NetAlias
        target = target or (branch and node.kind == SyntaxKind.HierarchicalInstance)
        assigned = node.left if node.kind.name.endswith("AssignmentExpression") else None
        waiting += [(part, branch, target or part == assigned) for part in node]
