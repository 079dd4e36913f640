"""The paper's plug-and-play filter: is a design self-contained?

A reference that needs a file, a macro or a module that is not in it teaches a model to write
designs that nobody can compile. The rules here read the text with slang and start no
simulator; whether the compiler agrees is the grader's business (`filter` and the loop ask it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyslang
from pyslang.ast import Compilation, CompilationOptions
from pyslang.syntax import SyntaxTree

from itertl_eval.grader import slang
from itertl_eval.grader.policy import blank
from itertl_eval.problem import Port
from itertl_eval.train.instruction import Instruction

_READMEM = re.compile(r"\$readmem[bh]\s*\(\s*\"")
_STRINGLESS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True)
class Fault:
    """Why a design is not self-contained: the rule it breaks, and where or what."""

    rule: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}" if self.detail else self.rule


def faults_of(instruction: Instruction) -> list[Fault]:
    """What is wrong with an instruction's reference; nothing, for one without a reference."""
    if instruction.reference is None:
        return []
    problem = instruction.problem
    code = f"{problem.prompt.header.rstrip()}\n{instruction.reference}\n"
    return list(faults(code, problem.top, problem.ports))


def faults(code: str, top: str | None = None, ports: tuple[Port, ...] = ()) -> Iterator[Fault]:
    """What is wrong with a design's text, the worst first; nothing when it is self-contained.

    With `top` the one root module must have that name, with `ports` exactly those ports.
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
    if _READMEM.search(_STRINGLESS.sub(" ", code)):
        yield Fault("reads a file", "$readmem")
    compilation, tree = _compile(code)
    roots = list(compilation.getRoot().topInstances)
    yield from _diagnosed(compilation, tree)
    names = sorted(instance.name for instance in roots)
    if len(names) != 1:
        yield Fault("not one root module", ", ".join(names) or "none")
        return
    if top is not None and names[0] != top:
        yield Fault("another top module", f"{names[0]} instead of {top}")
        return
    declared = slang.ports(code, names[0])
    if ports and declared is not None and (wrong := slang.compare(ports, declared)):
        yield Fault("ports", "; ".join(wrong))
    yield from _undriven(code, declared or ())


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


def _compile(code: str) -> tuple[Compilation, SyntaxTree]:
    options = CompilationOptions()
    options.maxInstanceDepth = 64
    options.maxGenerateSteps = 100_000
    options.maxConstexprSteps = 1_000_000
    compilation = Compilation(pyslang.Bag([options]))
    tree = SyntaxTree.fromText(code, slang.FILE)
    compilation.addSyntaxTree(tree)
    return compilation, tree


def _diagnosed(compilation: Compilation, tree: SyntaxTree) -> Iterator[Fault]:
    """slang's own findings that mean "not self-contained"; style and lint errors don't."""
    engine = pyslang.DiagnosticEngine(tree.sourceManager)
    broken = next((d for d in tree.diagnostics if d.isError()), None)
    for diagnostic in compilation.getAllDiagnostics():
        name = str(diagnostic.code).removeprefix("DiagCode(").removesuffix(")")
        rule = {"UnknownModule": "unknown module", "UnknownDirective": "undefined macro",
                "UnknownPackage": "unknown package"}.get(name)  # fmt: skip
        if rule is not None:
            yield Fault(rule, engine.formatMessage(diagnostic))
            if diagnostic is broken:
                return
    if broken is not None and not str(broken.code).endswith("(UnknownDirective)"):
        yield Fault("syntax", engine.formatMessage(broken))


def _undriven(code: str, ports: tuple[Port, ...]) -> Iterator[Fault]:
    """Outputs that nothing in the text ever names outside of their declaration.

    A textual rule, on purpose lenient: one that is driven in part, or through a generate
    block, counts as driven.
    """
    body = re.sub(r"\b(?:input|output|inout)\b[^;)]*", " ", blank(code))
    for port in ports:
        if port.direction == "output" and not re.search(
            rf"(?<![\w$.]){re.escape(port.name)}\b", body
        ):
            header = re.search(rf"\boutput\b[^;,)]*\b{re.escape(port.name)}\s*=", blank(code))
            connected = re.search(rf"\(\s*{re.escape(port.name)}\s*\)", body)
            if not header and not connected:
                yield Fault("undriven output", port.name)
