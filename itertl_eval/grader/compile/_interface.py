"""Check the ports and parameters of a compiled design."""

from __future__ import annotations

from math import isclose
from pathlib import Path

from itertl_eval.grader._job import DESIGN, CompileJob
from itertl_eval.grader.compile.vvp import Compiled
from itertl_eval.problem import ParameterValue
from itertl_eval.verilog import compare, slang


def interface_fault(job: CompileJob, design: str, *, alone: bool = False) -> str:
    """Return what is wrong with the interface of the design in DESIGN, or "".

    Args:
        job: The sample.
        design: Its preprocessed text.
        alone: DESIGN holds the design only, without the module around it.
    """
    frame = job.frame
    root = frame.top if alone else job.root
    try:
        compiled = Compiled(Path(DESIGN).read_bytes(), root, alone=alone)
    except ValueError:  # a primitive is no scope
        return f"{frame.top} is not a module"
    if frame.module_ports:
        if wrong := _part_fault(job, design):
            return wrong
        if alone:
            return ""
    if wrong := _missing_parameter(job, compiled):
        return wrong
    if not alone and (wrong := _unset_parameter(job, compiled)):
        return wrong
    found = compiled.ports()
    # Alone it has its default widths, and an array's port shows the sum of all elements.
    if found is None or (alone and frame.parameters) or any(port.array for port in frame.ports):
        simulated = frame.given.top or frame.top
        found = slang.ports(design, simulated, frame.parameters, frame.given)
    if found is None:
        return f"the types of the ports of {frame.top} can't be read"
    if wrong := "; ".join(compare(frame.ports, found)):
        return wrong
    own = compiled.own_inputs([port.name for port in frame.ports if port.direction == "input"])
    return f"input {own[0]!r} is driven by the design itself" if own else ""


def _part_fault(job: CompileJob, design: str) -> str:
    """What is wrong with the ports of a design that is a part of a given module."""
    found = slang.ports(design, job.frame.top, given=job.frame.given)
    if found is None:
        return f"the ports of {job.frame.top} can't be read"
    return "; ".join(compare(job.frame.module_ports, found))


def _missing_parameter(job: CompileJob, compiled: Compiled) -> str:
    """Icarus 11 sets a parameter that does not exist without a complaint."""
    have = compiled.parameters() if job.frame.parameters else {}
    missing = [name for name in job.frame.parameters if name not in have]
    if not missing:
        return ""
    others = ", ".join(repr(name) for name in have if name not in job.frame.parameters)
    hint = f" (there is {others})" if others else ""
    return f"parameter {', '.join(map(repr, missing))} is missing{hint}"


def _unset_parameter(job: CompileJob, compiled: Compiled) -> str:
    """A testbench would believe the value of a parameter that is too narrow for it."""
    have = compiled.parameters() if job.frame.parameters else {}
    for name, value in job.frame.parameters.items():
        if not _same(have[name], value):
            return f"parameter {name!r} can't be {value}: it becomes {_shown(have[name])}"
    return ""


def _same(have: ParameterValue, value: ParameterValue) -> bool:
    """Compare with what the compiler wrote: text may be a vector there, and a real is rounded."""
    if isinstance(value, str) and isinstance(have, int):
        return have == int.from_bytes(value.encode(), "big")
    if isinstance(value, float) and isinstance(have, float):
        return isclose(have, value, rel_tol=1e-4)
    return have == value


def _shown(value: ParameterValue) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return f"a number of {value.bit_length()} bits"
    return f"{value:g}"
