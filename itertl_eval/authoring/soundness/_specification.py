"""Compare a specification with its reference: what it omits and what it gives away."""

from __future__ import annotations

import re

from itertl_eval.authoring.soundness._result import CheckResult
from itertl_eval.problem import Given, Problem
from itertl_eval.verilog import slang

_LEAK_CHARACTERS = 24
_CODE = re.compile(r"<=|=|\balways|\bcase\b")
_DECLARATION = re.compile(r"(input|output|//)")


def read_specification(problem: Problem, result: CheckResult) -> list[str]:
    """Record what the prompt omits or gives away; return one line per shortcoming."""
    text = problem.prompt.text

    def missing(name: str) -> bool:
        return not re.search(rf"\b{re.escape(name)}\b", text)

    set_names = {name for setting in problem.parameters for name in setting}
    # Those of a given module are not for the completion.
    parameters = sorted(set() if problem.given.top else set_names)
    result.unmentioned_ports = [port.name for port in problem.ports if missing(port.name)]
    result.unmentioned_names = [name for name in (problem.top, *parameters) if missing(name)]
    result.leaked_lines = leaked_lines(problem)
    lines = [f"the spec does not mention port {name}" for name in result.unmentioned_ports]
    for name in result.unmentioned_names:
        kind = "module" if name == problem.top else "parameter"
        lines.append(f"the spec does not mention {kind} {name}")
    known = parameters_of(problem.reference, problem.top, problem.given)
    lines += [f"the reference has no parameter {name}" for name in parameters if name not in known]
    return lines + [f"the spec shows the reference: {line}" for line in result.leaked_lines]


def leaked_lines(problem: Problem) -> list[str]:
    """Return lines of code that the prompt and the reference share, except port declarations."""
    code = {
        line
        for line in _squeezed(problem.reference)
        if _CODE.search(line) and not _DECLARATION.match(line)
    }
    return sorted(code & _squeezed(problem.prompt.text))


def _squeezed(text: str) -> set[str]:
    """The long lines of a text without layout or quotation marks."""
    lines = (re.sub(r"\s+", " ", line).strip(" `,") for line in text.splitlines())
    return {line for line in lines if len(line) >= _LEAK_CHARACTERS}


def parameters_of(source: str, top: str, given: Given = slang.NOTHING_GIVEN) -> set[str]:
    """Return the names of the parameters of module `top` that can be set from outside."""
    compilation, _ = slang.compile_text(source, top, given=given)
    return {
        parameter.name
        for instance in compilation.getRoot().topInstances
        if instance.name == top
        for parameter in instance.body.parameters
        if not parameter.isLocalParam
    }
