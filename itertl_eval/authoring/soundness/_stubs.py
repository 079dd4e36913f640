"""Stub designs, which no testbench may pass."""

from __future__ import annotations

import re

from itertl_eval.problem import Problem
from itertl_eval.verilog import expected_ports, slang


def stub_designs(problem: Problem) -> dict[str, str]:
    """Return designs without logic: open, constant or unknown outputs, or inputs wired through.

    They have the reference's header, so that they fail for their behavior and not for a missing
    parameter.
    """
    before, header, after = _around_body(problem)
    setting = problem.parameters[0] if not problem.given.top else {}
    ports = expected_ports(problem, setting) if setting else problem.ports
    inputs = ", ".join(e for port in ports if port.direction == "input" for e in port.elements)
    outputs = [e for port in ports if port.direction == "output" for e in port.elements]

    def stub(value: str) -> str:
        body = "".join(f"  assign {name} = {value};\n" for name in outputs)
        return f"{before}{header}\n{body if value else ''}{after}"

    stubs = {"empty": stub(""), "zero": stub("'b0"), "ones": stub("~'b0"), "unknown": stub("'bx")}
    if inputs:
        stubs["inputs"] = stub(f"{{{inputs}}}")
    return stubs


def header_of(problem: Problem) -> str | None:
    """Return the header of the reference's top module, with outputs declared as nets.

    Returns:
        The text up to the semicolon, or None if parameters or ports are declared elsewhere.
    """
    _, header, _ = _around_body(problem)
    return header if "#" in header else None


def _around_body(problem: Problem) -> tuple[str, str, str]:
    """The text before the top module, its header, and the text after its body."""
    text, given = problem.reference.encode(), problem.given
    setting = {} if given.top else problem.parameters[0]
    expected = slang.ports(problem.reference, problem.top, setting, given)
    tree = slang.parse(problem.reference, "reference.sv", given)
    for header in slang.headers_with_ports(tree, problem.top):
        start, end = header.sourceRange.start.offset, header.sourceRange.end.offset
        nets = re.sub(r"\boutput(\s+)(reg|logic)\b", r"output\1", text[start:end].decode())
        before = text[:start].decode()
        after = text[header.parent.endmodule.range.start.offset :].decode()
        if slang.ports(f"{before}{nets}\n{after}", problem.top, setting, given) == expected:
            return before, nets, after
    ports = ", ".join(str(port) for port in problem.ports)
    return "", f"module {problem.top}({ports});", "endmodule\n"
