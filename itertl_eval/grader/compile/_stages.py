"""Everything that happens to a sample before it is simulated.

Policy, preprocessor, pyverilog, compiler, interface: each stage is announced before it
starts, so that whoever watches knows where a process ended that never answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from itertl_eval.grader._job import DESIGN, CompileJob, Send
from itertl_eval.grader.compile import _policy, prefilter, vvp
from itertl_eval.grader.compile._compiler import (
    AT_LIMIT,
    SOURCE,
    STOPPED,
    Tools,
    compile_design,
    expand,
    readable,
)
from itertl_eval.verilog import compare, slang

_LINE = re.compile(r"^`line\b[^\n]*", re.MULTILINE)
_INCLUDED = re.compile(rf'^`line \d+ "(?!{re.escape(SOURCE)}")([^"\n]*)"', re.MULTILINE)
_MARK = f'`line 1 "{SOURCE}" 0\n'


def prepare(sample: CompileJob, tools: Tools, report: Send) -> bool:
    """Compile the sample into DESIGN in the working folder; True when it can be simulated.

    Otherwise the verdict has been reported. Raises OSError when this machine, not the
    sample, is at fault.
    """
    report({"stage": "policy"})
    if broken := _policy.violation(sample.source):
        report({"failed": broken})
        return False
    report({"stage": "syntax"})
    # The prelude comes first, so that nothing the design defines or leaves open can reach it.
    sources = {f"{sample.root}.prelude": sample.prelude, SOURCE: sample.source}
    expanded, complaint = expand(tools, sources)
    if expanded is None:
        report({"failed": readable(complaint)})
        return False
    design = expanded.partition(_MARK)[2]  # the first mark: a comment may hold another
    if "`" in sample.source and (foreign := _INCLUDED.search(design)):
        report({"stage": "policy", "failed": f"reads another file ({foreign[1][:100]})"})
        return False
    design = _LINE.sub("", design)
    report({"pyverilog": prefilter.reject(design)})
    report({"stage": "elaborate"})
    complaint = compile_design(tools, expanded, sample.root, _settings(sample))
    if complaint:
        _explain(sample, tools, complaint, report)
        return False
    report({"stage": "interface"})
    if wrong := _missing(sample) or _unset(sample) or _interface(sample, tools, design):
        report({"failed": wrong[:500]})
        return False
    return True


def _settings(sample: CompileJob) -> Mapping[str, int]:
    """What the compiler has to set; the player sets the parameters of its instance itself."""
    return sample.parameters if sample.root == sample.top else {}


def _missing(sample: CompileJob) -> str:
    """Which parameter the design in DESIGN lacks. Icarus 11 sets one that is not there without
    a complaint."""
    have = vvp.parameters(Path(DESIGN).read_bytes(), sample.top) if sample.parameters else {}
    lacking = [name for name in sample.parameters if name not in have]
    if not lacking:
        return ""
    others = ", ".join(repr(name) for name in have if name not in sample.parameters)
    hint = f" (there is {others})" if others else ""
    return f"parameter {', '.join(map(repr, lacking))} is missing{hint}"


def _unset(sample: CompileJob) -> str:
    """Which parameter of the design in DESIGN is too narrow for its value, which a testbench
    that reads it would then believe."""
    have = vvp.parameters(Path(DESIGN).read_bytes(), sample.top) if sample.parameters else {}
    for name, value in sample.parameters.items():
        if have[name] != value:
            return f"parameter {name!r} can't be {value}: it becomes {have[name]:g}"
    return ""


def _interface(sample: CompileJob, tools: Tools, design: str) -> str:
    """What is wrong with the ports of a design that compiles."""
    if _connects(sample, design):
        return ""
    declared = slang.ports(design, sample.top)
    if declared is None and not _has_ports(sample, tools):
        return f"the ports of {sample.top} are not the ones asked for"
    if declared is not None and (wrong := compare(sample.ports, declared)):
        return "; ".join(wrong)
    return _own_inputs(sample) if sample.root == sample.top else ""


def _own_inputs(sample: CompileJob) -> str:
    """Which input the design in DESIGN, compiled without the player, drives itself."""
    inputs = [port.name for port in sample.ports if port.direction == "input"]
    own = vvp.own_inputs(Path(DESIGN).read_bytes(), sample.top, inputs)
    return f"input {own[0]!r} is driven by the design itself" if own else ""


def _connects(sample: CompileJob, design: str) -> bool:
    """Has the compiler connected the player to just the ports that are asked for?

    It refuses an array there, but would convert a real number.
    """
    if sample.root == sample.top or "real" in design:
        return False
    found = vvp.ports(Path(DESIGN).read_bytes(), sample.top)
    return found is not None and not compare(sample.ports, found)


def _has_ports(sample: CompileJob, tools: Tools) -> bool:
    """Ask the compiler for the ports by name, where slang could not read the design."""
    if sample.root != sample.top:
        return True  # the player has done so
    name = f"{sample.top}_ports"
    links = ", ".join(f".{port.name}()" for port in sample.ports)
    text = f"{sample.prelude}\nmodule {name}; {sample.top} dut({links}); endmodule"
    expanded, _ = expand(tools, {f"{name}.prelude": text, SOURCE: sample.source})
    return expanded is not None and not compile_design(tools, expanded, name, {}, keep=False)


def _explain(sample: CompileJob, tools: Tools, complaint: str, report: Send) -> None:
    """Send the stage that a refused design really failed in."""
    if "I give up." in complaint or "syntax error" in complaint:
        better = next(slang.errors(sample.source), None)
        report({"stage": "syntax", "failed": _join(better, readable(complaint))})
        return
    alone = complaint
    if sample.root != sample.top or sample.parameters:
        expanded, alone = expand(tools, {SOURCE: sample.source})
        if expanded is not None:
            alone = compile_design(tools, expanded, sample.top, {})
    if alone:
        crashed, limit = alone.startswith(STOPPED), alone == AT_LIMIT
        report({"failed": readable(alone), "crashed": crashed, "timeout": limit})
        return
    wrong = _missing(sample)
    if not wrong and (declared := slang.ports(sample.source, sample.top)) is not None:
        wrong = "; ".join(compare(sample.ports, declared)) or _own_inputs(sample)
    first = readable(complaint)
    if wrong or not first.startswith("line "):  # else only the parameters' values upset it
        report({"stage": "interface"})
    report({"failed": wrong[:500] or first.replace(sample.instance, sample.top)})


def _join(better: str | None, plain: str) -> str:
    return f"{better} (compiler: {plain})" if better else plain
