"""State the module's name and ports in prompts that leave them out.

Many published instructions name neither, and then no completion can be right. They are asked in
VerilogEval's form: the description, then the module header that the completion continues.
"""

from __future__ import annotations

import re
from dataclasses import replace

from itertl_eval.problem import Problem, Prompt
from itertl_eval.train.data._instruction import Instruction, reference_completion
from itertl_eval.verilog import slang


def with_interface(instruction: Instruction) -> Instruction:
    """Return an instruction whose prompt states the name of the module and of each port.

    One that does so already is returned as it is. If the reference does not begin with a header
    that declares the ports, the interface is added to the description instead.
    """
    problem = instruction.problem
    names = [problem.top, *(port.name for port in problem.ports)]
    if all(re.search(rf"(?<![\w$]){re.escape(n)}(?![\w$])", problem.prompt.text) for n in names):
        return instruction
    prompt = replace(problem.prompt, header=_header(problem))
    asked = replace(problem, prompt=prompt)
    completion = reference_completion(asked) if prompt.header else None
    if completion is not None:
        return Instruction(asked, completion)
    ports = ",\n".join(f"    {port}" for port in problem.ports)
    text = (
        f"{problem.prompt.description.rstrip()}\n\nWrite the whole module, with this interface:\n\n"
        f"module {problem.top} (\n{ports}\n);\n"
    )
    described = replace(problem, prompt=replace(problem.prompt, description=text))
    return replace(instruction, problem=described)


def with_header(instruction: Instruction) -> Instruction:
    """Return an instruction in the form of VerilogEval's first version.

    The description becomes Verilog comments, the module header follows, and the completion
    continues it. An instruction is returned as it is if its prompt ends in a header already, or if
    its reference does not begin with one that declares the ports.
    """
    problem = instruction.problem
    header = "" if problem.prompt.header else _header(problem)
    if not header or instruction.reference is None:
        return instruction
    lines = problem.prompt.text.strip().splitlines()
    description = "".join(f"// {line}".rstrip() + "\n" for line in lines)
    asked = replace(problem, prompt=Prompt(description, header))
    completion = reference_completion(asked)
    return instruction if completion is None else Instruction(asked, completion)


def _header(problem: Problem) -> str:
    """Return the header with which the reference begins; "" if it does not declare the ports."""
    text = problem.reference.encode()
    try:
        tree = slang.parse(problem.reference, "reference.sv")
    except RuntimeError:  # nested too deep
        return ""
    for header in slang.headers_with_ports(tree, problem.top):
        start, end = header.sourceRange.start.offset, header.sourceRange.end.offset
        if not text[:start].strip():
            return text[start:end].decode() + "\n"
    return ""


__all__ = ["with_header", "with_interface"]
