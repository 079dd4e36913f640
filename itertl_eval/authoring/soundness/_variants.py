"""Rewrite a reference: with other internal names, or deaf to one of its parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pyslang.parsing import TokenKind
from pyslang.syntax import SyntaxKind, SyntaxNode, SyntaxTree

from itertl_eval.authoring.soundness._specification import parameters_of
from itertl_eval.authoring.soundness._stubs import header_of
from itertl_eval.problem import Given, Parameters, ParameterValue, Problem, literal
from itertl_eval.verilog import slang

_FOREIGN_DECLARATIONS = {SyntaxKind.StructUnionMember, SyntaxKind.EnumType}
_INTERFACE = {SyntaxKind.AnsiPortList, SyntaxKind.PortDeclaration, SyntaxKind.NonAnsiPortList}


def renamed(problem: Problem) -> str | None:
    """Return the reference with new names for what is inside the top module.

    A testbench may read ports and parameters only, so the result behaves like the reference.

    Returns:
        The text, or None if there is nothing to rename or it can't be done safely.
    """
    text, given = problem.reference, problem.given
    tree = slang.parse(text, "reference.sv", given)
    module = _module(tree, problem.top)
    if module is None or ".*" in text:
        return None
    kept = {problem.top} | {port.name for port in problem.ports}
    kept |= parameters_of(text, problem.top, given)
    directives = [line for line in text.splitlines() if line.lstrip().startswith("`")]
    used = {token.rawText for token, _ in _tokens(module) if token.kind == TokenKind.Identifier}
    names = {
        name: _fresh(name, used)
        for name in _declared(module) - kept
        if not any(name in line for line in directives)
    }
    return _replace(text, module, names, problem.top, given) if names else None


def deaf(problem: Problem) -> dict[str, list[str]]:
    """Return designs for each parameter that ignore it, in two ways.

    One is the reference at the parameter's least value, the other the reference with no more of
    its inputs than they have at that value. Parameters that have the same value in all settings
    are left out; nothing could notice.
    """
    if problem.given.top:
        return {}  # the settings are those of another module
    header, given = header_of(problem), problem.given
    settable = parameters_of(problem.reference, problem.top, given)
    inner = f"{problem.top}_original"
    if header is None or inner in problem.reference:
        return {}
    tree = slang.parse(problem.reference, "reference.sv", given)
    text = _replace(problem.reference, tree.root, {problem.top: inner}, problem.top, given)
    if text is None:
        return {}
    designs = {}
    for name in sorted(settable):
        values = {setting[name] for setting in problem.parameters if name in setting}
        if len(values) < 2:
            continue
        if len({isinstance(value, str) for value in values}) > 1:
            continue
        least: ParameterValue = min(values)
        narrowest = dict(problem.parameters[0]) | {name: least}
        shown = slang.ports(problem.reference, problem.top, narrowest, given) or ()
        narrow = {port.name: port.width for port in shown}
        ports = {port.name: port.name for port in problem.ports}
        inputs = {
            port.name: f"{port.name}[{narrow[port.name] - 1}:0]"
            for port in problem.inputs
            if not port.array and 1 < narrow.get(port.name, 0) < _widest(problem, port.name)
        }
        parameters = {each: each for each in settable}
        designs[name] = [
            f"{text}\n{header}\n{_instance(inner, *links)}endmodule\n"
            for links in (
                (parameters | {name: literal(least)}, ports),
                *([(parameters, ports | inputs)] if inputs else []),
            )
        ]
    return designs


def _widest(problem: Problem, port: str) -> int:
    """The greatest width of a port over all settings of the parameters."""
    found = [
        slang.ports(problem.reference, problem.top, setting, problem.given) or ()
        for setting in problem.parameters
    ]
    return max((each.width for ports in found for each in ports if each.name == port), default=0)


def _instance(module: str, parameters: Mapping[str, str], ports: Mapping[str, str]) -> str:
    values = ", ".join(f".{name}({value})" for name, value in sorted(parameters.items()))
    links = ", ".join(f".{name}({link})" for name, link in ports.items())
    return f"  {module} #({values}) original({links});\n"


def with_defaults(problem: Problem, setting: Parameters) -> str:
    """Return the reference with the values of a setting as the defaults of its parameters."""
    if problem.given.top:
        return problem.reference  # they are the parameters of another module
    data = problem.reference.encode()
    tree = slang.parse(problem.reference, "reference.sv", problem.given)
    module = _module(tree, problem.top)
    edits = []
    for declarator in _declarators(module) if module is not None else ():
        name, value = declarator.name.valueText, declarator.initializer
        if name not in setting or declarator.parent.keyword.rawText != "parameter":
            continue
        new = literal(setting[name])
        if value is None:
            end = declarator.sourceRange.end.offset
            edits.append((end, end, f" = {new}"))
        else:
            source = value.expr.sourceRange
            edits.append((source.start.offset, source.end.offset, new))
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new.encode() + data[end:]
    return data.decode()


def _declarators(node: Any) -> Iterator[Any]:
    """The declarators of parameters below a node."""
    if node.kind == SyntaxKind.ParameterDeclaration:
        yield from (child for child in node.declarators if isinstance(child, SyntaxNode))
        return
    for child in node:
        if isinstance(child, SyntaxNode):
            yield from _declarators(child)


def _module(tree: SyntaxTree, top: str) -> Any:
    named = (module for module in slang.modules(tree) if module.header.name.valueText == top)
    return next(named, None)


def _tokens(node: Any) -> Iterator[tuple[Any, Any]]:
    """The tokens below a node in order, each with the node that holds it."""
    for item in node:
        if isinstance(item, SyntaxNode):
            yield from _tokens(item)
        elif item is not None:
            yield item, node


def _declared(node: Any) -> set[str]:
    """The names of nets, variables, constants, instances and blocks that are declared below."""
    if node.kind in _INTERFACE:
        return set()
    found: set[str] = set()
    named = node.kind in (SyntaxKind.InstanceName, SyntaxKind.NamedBlockClause)
    if node.kind == SyntaxKind.Declarator:
        named = node.parent.kind not in _FOREIGN_DECLARATIONS
    if named:
        found.add(node.name.valueText)
    return found.union(*(_declared(child) for child in node if isinstance(child, SyntaxNode)))


def _fresh(name: str, used: Collection[str]) -> str:
    number = 1
    while f"{name}_{number}" in used:
        number += 1
    return f"{name}_{number}"


def _replace(text: str, node: Any, names: Mapping[str, str], top: str, given: Given) -> str | None:
    """The text with other names below a node; None if that would change its meaning."""
    data = text.encode()
    edits: list[tuple[int, int, str]] = []
    before = None
    for token, holder in _tokens(node):
        name = names.get(token.rawText) if token.kind == TokenKind.Identifier else None
        if holder.parent is not None and holder.parent.kind in _FOREIGN_DECLARATIONS:
            name = None
        start, end = token.range.start.offset, token.range.end.offset
        if name is not None:
            if data[start:end].decode() != token.rawText:
                return None  # it comes from a macro
            if before is None or before.kind != TokenKind.Dot:
                edits.append((start, end, name))
            elif holder.kind == SyntaxKind.NamedPortConnection and not holder.openParen.rawText:
                edits.append((end, end, f"({name})"))  # `.name` is short for `.name(name)`
        before = token
    for start, end, name in sorted(edits, reverse=True):
        data = data[:start] + name.encode() + data[end:]
    changed = data.decode()
    compiles = _compiles(changed, names.get(top, top), given) >= _compiles(text, top, given)
    return changed if compiles else None


def _compiles(text: str, top: str, given: Given) -> bool:
    try:
        compilation, _ = slang.compile_text(text, top, given=given)
    except RuntimeError:
        return False
    return not any(diagnostic.isError() for diagnostic in compilation.getAllDiagnostics())
