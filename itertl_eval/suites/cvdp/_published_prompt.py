"""CVDP's published prompts, put together from the strings in its own scripts.

Those scripts are data here: strings are read from their syntax trees and nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from itertl_eval.errors import InfrastructureError, UsageError
from itertl_eval.problem import Problem, Prompt, Suite
from itertl_eval.suites._data import read_source

_SYSTEM, _USER = "src/model_helpers.py", "src/dataset_processor.py"


@dataclass(frozen=True)
class _Strings:
    """The parts of the published prompts; those with a variable part are syntax trees.

    `system` and `user` hold what is appended to either prompt, in the order of the script.
    """

    folders: str
    schemas: tuple[str, ...]
    guidance: Mapping[int, str]
    system: tuple[ast.expr, ...]
    user: tuple[ast.expr, ...]


def with_published_prompts(suite: Suite) -> Suite:
    """Return a suite of CVDP with the prompts that NVIDIA's script gives a model in one turn.

    Agentic rows get the prompt that the script's own conversion to single-turn rows leads to.

    Raises:
        InfrastructureError: NVIDIA's scripts are not on this machine and can't be downloaded.
        UsageError: The suite is not one of CVDP's.
    """
    if any(problem.harness is None for problem in suite.values()):
        raise UsageError(
            f"{suite.name} has no other prompts: omit --metadata prompt (only CVDP's tasks take it)"
        )
    problems = [replace(p, prompt=_prompt(_strings(), p)) for p in suite.values()]
    return Suite(suite.name, problems, revision=suite.revision)


def _prompt(strings: _Strings, problem: Problem) -> Prompt:
    harness = problem.harness
    assert harness is not None
    category = next(int(tag[3:]) for tag in problem.tags if tag.startswith("cid"))
    try:
        guidance = strings.guidance[category]
    except KeyError:
        raise UsageError(f"{problem.id}: no published prompt for cid{category:03}") from None
    intro, several, schemas, _, form = strings.system
    system = strings.folders + _filled(intro, {"self.category_guidance[category]": guidance})
    a_file, request, one, names, *_ = strings.user
    files = list(harness.targets)
    if len(files) > 1:
        system += _filled(several, {}) + _filled(schemas, {"schemas": strings.schemas})
        system += _filled(form, {})
    prefix = "".join(
        _filled(a_file, {"file": path, "cxt": text}) for path, text in harness.context.items()
    )
    asked = _filled(request, {"context['input']['prompt']": problem.prompt.description})
    ending = one if len(files) == 1 else names
    suffix = _filled(ending, {"files[0]": files[0], "files": files})
    return Prompt(description=asked, prefix=prefix, suffix=suffix, system=system)


def _filled(node: ast.expr, values: Mapping[str, Any]) -> str:
    """Return the string that an expression of the script gives for these variables."""
    match node:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr(parts):
            return "".join(_filled(part, values) for part in parts)
        case ast.FormattedValue(expression):
            return str(values[ast.unparse(expression)])
        case ast.Call(ast.Attribute(ast.Constant(str(between)), "join"), [ast.Name(name)]):
            return between.join(values[name])
    raise InfrastructureError(f"a published prompt is not understood: {ast.unparse(node)}")


@cache
def _strings() -> _Strings:
    files = read_source("cvdp-prompts")
    helpers = _class(files[_SYSTEM], "ModelHelpers")
    values = {
        target.attr: node.value
        for node in ast.walk(helpers)
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Attribute)
    }
    processor = _class(files[_USER], "CopilotProcessor")
    return _Strings(
        folders=_default(values["folders"]),
        schemas=tuple(_default(values["schema"])),
        guidance=ast.literal_eval(values["category_guidance"]),
        system=tuple(_appended(helpers, "create_system_prompt", "system_prompt")),
        user=tuple(_appended(processor, "create_context", "prompt")),
    )


def _class(source: bytes, name: str) -> ast.ClassDef:
    found = [n for n in ast.parse(source).body if isinstance(n, ast.ClassDef) and n.name == name]
    return found[0]


def _default(node: ast.expr) -> Any:
    """Return the value of `given or VALUE` where nothing is given."""
    assert isinstance(node, ast.BoolOp)
    return ast.literal_eval(node.values[-1])


def _appended(owner: ast.ClassDef, method: str, variable: str) -> Iterator[ast.expr]:
    """Yield what a method appends to a variable, in the order of the script."""
    [function] = [n for n in owner.body if isinstance(n, ast.FunctionDef) and n.name == method]
    found = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == variable
    ]
    yield from (node.value for node in sorted(found, key=lambda node: node.lineno))
