"""Ports and errors of a design as slang reads it.

slang decides no verdict here. It explains what the compiler refused, and it knows the direction
and width of each port of an elaborated module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyslang
from pyslang.analysis import AnalysisManager
from pyslang.ast import Compilation, CompilationFlags, CompilationOptions
from pyslang.parsing import PreprocessorOptions
from pyslang.syntax import SyntaxKind, SyntaxTree

from itertl_eval.problem import Direction, Given, Parameters, Port, literal
from itertl_eval.verilog._text import blank

FILE = "completion.sv"
_INCLUDE_FOLDER = "/given"
"""Where slang finds the files of Given.includes; they are in memory only."""
NOTHING_GIVEN = Given()
_DIRECTIONS: dict[str, Direction] = {"In": "input", "Out": "output", "InOut": "inout"}
_CONFLICTS = {"MixedVarAssigns", "MultipleContAssigns", "MultipleAlwaysAssigns"}
"""Illegal drivers of a variable, which slang only warns of."""
_NAME_EXPECTED = {"ExpectedDeclarator", "ExpectedIdentifier"}
_WORD = re.compile(r"\s*([a-z][a-z0-9_]*)\b")
_ITEM = re.compile(
    r"end\w*|begin|module|input|output|inout|wire|reg|logic|assign|always\w*|initial"
)


class TooDeep(Exception):
    """The text is nested too deep for slang's parser."""


def errors(text: str) -> Iterator[str]:
    """Yield the syntax errors of a text, each as "line 3: what is wrong".

    There are none where the text is nested too deep for slang.
    """
    try:
        tree = SyntaxTree.fromText(text, FILE)
    except RuntimeError:
        return
    for diagnostic in tree.diagnostics:
        if diagnostic.isError():
            yield located(diagnostic, tree)


def fault(text: str, top: str, given: Given = NOTHING_GIVEN) -> str | None:
    """Return the first error in a design, as "line 3: what is wrong", or None in a valid one.

    Args:
        text: The design, already preprocessed.
        top: The root module.
        given: What is compiled with it.

    Raises:
        TooDeep: slang can't tell.
    """
    compilation, tree = compile_text(text, top, given=given)
    for diagnostic in compilation.getAllDiagnostics():
        if diagnostic.isError():
            return located(diagnostic, tree)
    manager = AnalysisManager()
    manager.analyze(compilation)
    for diagnostic in manager.getDiagnostics():
        if _code(diagnostic) in _CONFLICTS:
            return located(diagnostic, tree)
    return None


def _code(diagnostic: pyslang.Diagnostic) -> str:
    return str(diagnostic.code).removeprefix("DiagCode(").removesuffix(")")


def located(diagnostic: pyslang.Diagnostic, tree: SyntaxTree) -> str:
    """Return the text of a diagnostic with its line."""
    line = tree.sourceManager.getLineNumber(diagnostic.location)
    return f"line {line}: {message(diagnostic, tree)}"


def message(diagnostic: pyslang.Diagnostic, tree: SyntaxTree) -> str:
    """Return the text of a diagnostic; a keyword in the place of a name is called one."""
    code = _code(diagnostic)
    source = tree.sourceManager.getSourceText(diagnostic.location.buffer).encode()
    before, after = source[: diagnostic.location.offset], source[diagnostic.location.offset :]
    next_in_list = code == "ExpectedToken" and before.endswith(b",")
    if code in _NAME_EXPECTED or next_in_list:
        word = _WORD.match(after.decode(errors="replace"))
        if word and not _ITEM.fullmatch(word[1]) and _is_keyword(word[1]):
            return f"{word[1]!r} is a keyword of SystemVerilog and can't be a name"
    return pyslang.DiagnosticEngine(tree.sourceManager).formatMessage(diagnostic)


def _is_keyword(word: str) -> bool:
    """Whether a word can't be the name of a net."""
    tree = SyntaxTree.fromText(f"module m; wire {word}; endmodule", FILE)
    return any(diagnostic.isError() for diagnostic in tree.diagnostics)


def ports(
    text: str,
    top: str,
    parameters: Parameters | None = None,
    given: Given = NOTHING_GIVEN,
) -> tuple[Port, ...] | None:
    """Return the ports of module `top`, with these parameters, or None where slang can't tell."""
    try:
        compilation, _ = compile_text(text, top, parameters, given)
    except TooDeep:
        return None
    for instance in compilation.getRoot().topInstances:
        if instance.name != top:
            continue
        found = []
        for port in instance.body.portList:
            direction = _DIRECTIONS.get(str(getattr(port, "direction", "")).rpartition(".")[2])
            if direction is None:
                return None
            element, array = _unpack(port.type)
            width = element.bitWidth if element.isIntegral else 0  # a real has no width
            found.append(Port(port.name, direction, width, array))
        return tuple(found)
    return None


def _unpack(kind: Any) -> tuple[Any, str]:
    """The type of an unpacked array's elements, and its dimensions as text."""
    array = ""
    while (actual := kind.canonicalType).isUnpackedArray and hasattr(actual, "range"):
        array += f"[{actual.range.left}:{actual.range.right}]"
        kind = actual.elementType
    return kind, array


def root_of(text: str) -> str | None:
    """Return the name of the one root module in a text; None for none or several.

    A root is a module that no other module of the text instantiates. Prose around the code is
    ignored.
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


def parse(code: str, name: str = FILE, given: Given = NOTHING_GIVEN) -> SyntaxTree:
    """Return the syntax tree of a text that may use given macros and include given files.

    Raises RuntimeError if the text is nested too deep for slang's parser.
    """
    if not given:
        return SyntaxTree.fromText(code, name)
    manager = pyslang.SourceManager()
    for path, text in given.includes.items():
        manager.assignText(f"{_INCLUDE_FOLDER}/{path}", text)
    return _parse(code, name, given, manager)


def modules(tree: SyntaxTree) -> list[Any]:
    """Return the declarations of the modules in a tree, in order."""
    root: Any = tree.root
    members = root.members if root.kind == SyntaxKind.CompilationUnit else [root]
    return [member for member in members if member.kind == SyntaxKind.ModuleDeclaration]


def headers_with_ports(tree: SyntaxTree, name: str) -> list[Any]:
    """Return the headers of modules of this name that declare ports, not only list them."""
    headers = [module.header for module in modules(tree) if module.header.name.valueText == name]
    ansi = SyntaxKind.AnsiPortList
    return [header for header in headers if header.ports is not None and header.ports.kind == ansi]


def add_to(compilation: Compilation, tree: SyntaxTree, given: Given) -> None:
    """Add a tree from `parse` to a compilation, after the given modules."""
    for name, text in given.modules.items():
        compilation.addSyntaxTree(_parse(text, name, given, tree.sourceManager))
    compilation.addSyntaxTree(tree)


def _parse(code: str, name: str, given: Given, manager: pyslang.SourceManager) -> SyntaxTree:
    options = PreprocessorOptions()
    options.predefines = [f"{macro}={value}" for macro, value in given.defines.items()]
    options.additionalIncludePaths = [_INCLUDE_FOLDER]
    return SyntaxTree.fromText(code, manager, name, "", pyslang.Bag([options]))


def compile_text(
    code: str,
    top: str | None = None,
    parameters: Parameters | None = None,
    given: Given = NOTHING_GIVEN,
) -> tuple[Compilation, SyntaxTree]:
    """Elaborate a text with slang.

    Args:
        code: The design.
        top: The top level; None makes every root module one.
        parameters: Values for parameters of the top level.
        given: What is compiled with it.

    Raises:
        TooDeep: The text is nested too deep for slang's parser.
    """
    options = CompilationOptions()
    if top is not None:
        options.topModules = {top}
    if parameters:
        options.paramOverrides = [f"{name}={literal(v)}" for name, v in parameters.items()]
    options.flags |= CompilationFlags.AllowUseBeforeDeclare  # as the compiler allows it
    options.maxInstanceDepth = 64
    options.maxGenerateSteps = 100_000
    options.maxConstexprSteps = 1_000_000
    compilation = Compilation(pyslang.Bag([options]))
    try:
        tree = parse(code, FILE, given)
    except RuntimeError as error:
        raise TooDeep(str(error)) from None
    add_to(compilation, tree, given)
    return compilation, tree
