"""Everything that happens to a sample before it is simulated.

Policy, preprocessor, pyverilog, compiler, interface: each stage is announced before it
starts, so that whoever watches knows where a process ended that never answered.
"""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from itertl_eval.grader import compiled, placement, policy, prefilter, sandbox, slang
from itertl_eval.grader.icarus import Icarus
from itertl_eval.grader.sample import DESIGN, Report, Sample

_EXPANDED, _COMPLAINT = "expanded", "complaint"
_SOURCE = slang.FILE
_LINE = re.compile(r"^`line\b[^\n]*", re.MULTILINE)
_INCLUDED = re.compile(rf'^`line \d+ "(?!{re.escape(_SOURCE)}")([^"\n]*)"', re.MULTILINE)
_WHERE = re.compile(rf"^(?:\S*/)?{re.escape(_SOURCE)}:(\d+):")
_AT_LIMIT = "the compiler was stopped at its time or file size limit"
_STOPPED = "the compiler was stopped by signal"
_MARK = f'`line 1 "{_SOURCE}" 0\n'


@dataclass(frozen=True)
class Tools:
    """Preprocessor and compiler, and the seconds of processor time that each may take."""

    icarus: Icarus
    seconds: float


def prepare(sample: Sample, tools: Tools, report: Report) -> bool:
    """Compile the sample into DESIGN in the working folder; True when it can be simulated.

    Otherwise the verdict has been reported. Raises OSError when this machine, not the
    sample, is at fault.
    """
    report({"stage": "policy"})
    if broken := policy.violation(sample.source):
        report({"failed": broken})
        return False
    report({"stage": "syntax"})
    # The prelude comes first, so that nothing the design defines or leaves open can reach it.
    sources = {f"{sample.root}.prelude": sample.prelude, _SOURCE: sample.source}
    expanded, complaint = _expand(tools, sources)
    if expanded is None:
        report({"failed": _readable(complaint)})
        return False
    design = expanded.partition(_MARK)[2]  # the first mark: a comment may hold another
    if "`" in sample.source and (foreign := _INCLUDED.search(design)):
        report({"stage": "policy", "failed": f"reads another file ({foreign[1][:100]})"})
        return False
    design = _LINE.sub("", design)
    report({"pyverilog": prefilter.reject(design)})
    report({"stage": "elaborate"})
    complaint = _compile(tools, expanded, sample.root, _settings(sample))
    if complaint:
        _explain(sample, tools, complaint, report)
        return False
    report({"stage": "interface"})
    if wrong := _missing(sample) or _unset(sample) or _interface(sample, tools, design):
        report({"failed": wrong[:500]})
        return False
    return True


def _settings(sample: Sample) -> Mapping[str, int]:
    """What the compiler has to set; the player sets the parameters of its instance itself."""
    return sample.parameters if sample.root == sample.top else {}


def _missing(sample: Sample) -> str:
    """Which parameter the design in DESIGN lacks. Icarus 11 sets one that is not there without
    a complaint."""
    have = compiled.parameters(Path(DESIGN).read_bytes(), sample.top) if sample.parameters else {}
    lacking = [name for name in sample.parameters if name not in have]
    if not lacking:
        return ""
    others = ", ".join(repr(name) for name in have if name not in sample.parameters)
    hint = f" (there is {others})" if others else ""
    return f"parameter {', '.join(map(repr, lacking))} is missing{hint}"


def _unset(sample: Sample) -> str:
    """Which parameter of the design in DESIGN is too narrow for its value, which a testbench
    that reads it would then believe."""
    have = compiled.parameters(Path(DESIGN).read_bytes(), sample.top) if sample.parameters else {}
    for name, value in sample.parameters.items():
        if have[name] != value:
            return f"parameter {name!r} can't be {value}: it becomes {have[name]:g}"
    return ""


def _interface(sample: Sample, tools: Tools, design: str) -> str:
    """What is wrong with the ports of a design that compiles."""
    if _connects(sample, design):
        return ""
    declared = slang.ports(design, sample.top)
    if declared is None and not _has_ports(sample, tools):
        return f"the ports of {sample.top} are not the ones asked for"
    if declared is not None and (wrong := slang.compare(sample.ports, declared)):
        return "; ".join(wrong)
    return _own_inputs(sample) if sample.root == sample.top else ""


def _own_inputs(sample: Sample) -> str:
    """Which input the design in DESIGN, compiled without the player, drives itself."""
    inputs = [port.name for port in sample.ports if port.direction == "input"]
    own = compiled.own_inputs(Path(DESIGN).read_bytes(), sample.top, inputs)
    return f"input {own[0]!r} is driven by the design itself" if own else ""


def _connects(sample: Sample, design: str) -> bool:
    """Has the compiler connected the player to just the ports that are asked for?

    It refuses an array there, but would convert a real number.
    """
    if sample.root == sample.top or "real" in design:
        return False
    found = compiled.ports(Path(DESIGN).read_bytes(), sample.top)
    return found is not None and not slang.compare(sample.ports, found)


def _has_ports(sample: Sample, tools: Tools) -> bool:
    """Ask the compiler for the ports by name, where slang could not read the design."""
    if sample.root != sample.top:
        return True  # the player has done so
    name = f"{sample.top}_ports"
    links = ", ".join(f".{port.name}()" for port in sample.ports)
    text = f"{sample.prelude}\nmodule {name}; {sample.top} dut({links}); endmodule"
    expanded, _ = _expand(tools, {f"{name}.prelude": text, _SOURCE: sample.source})
    return expanded is not None and not _compile(tools, expanded, name, {}, keep=False)


def _explain(sample: Sample, tools: Tools, complaint: str, report: Report) -> None:
    """Report the stage that a refused design really failed in."""
    if "I give up." in complaint or "syntax error" in complaint:
        better = next(slang.errors(sample.source), None)
        report({"stage": "syntax", "failed": _join(better, _readable(complaint))})
        return
    alone = complaint
    if sample.root != sample.top or sample.parameters:
        expanded, alone = _expand(tools, {_SOURCE: sample.source})
        if expanded is not None:
            alone = _compile(tools, expanded, sample.top, {})
    if alone:
        crashed, limit = alone.startswith(_STOPPED), alone == _AT_LIMIT
        report({"failed": _readable(alone), "crashed": crashed, "timeout": limit})
        return
    wrong = _missing(sample)
    if not wrong and (declared := slang.ports(sample.source, sample.top)) is not None:
        wrong = "; ".join(slang.compare(sample.ports, declared)) or _own_inputs(sample)
    first = _readable(complaint)
    if wrong or not first.startswith("line "):  # else only the parameters' values upset it
        report({"stage": "interface"})
    report({"failed": wrong[:500] or first.replace(sample.instance, sample.top)})


def _expand(tools: Tools, sources: Mapping[str, str]) -> tuple[str | None, str]:
    """All sources as one preprocessed text, or None and the preprocessor's complaint."""
    if "`" not in sources[_SOURCE]:
        # Without a directive in the design the preprocessor would only join the files.
        text = "".join(f'`line 1 "{name}" 0\n{text}\n' for name, text in sources.items())
        Path(_EXPANDED).write_text(text, encoding="utf-8")
        return text, ""
    icarus = tools.icarus
    for name, text in sources.items():
        Path(name).write_text(f"{text}\n", encoding="utf-8")
    Path("defines").write_text(icarus.defines)
    Path("files").write_text("".join(f"{name}\n" for name in sources))
    command = [f"{icarus.base}/ivlpp", *icarus.preprocessor, "-Fdefines", "-ffiles"]
    status = _run(tools, command, os.devnull, _EXPANDED)
    if status:
        return None, _said() or "the preprocessor failed"
    return Path(_EXPANDED).read_text(encoding="utf-8", errors="replace"), ""


def _compile(
    tools: Tools, expanded: str, root: str, parameters: Mapping[str, int], keep: bool = True
) -> str:
    """Make DESIGN of what _expand has left; "" or what the compiler said when it refused."""
    icarus = tools.icarus
    made = DESIGN if keep else "ports.vvp"
    # A design that calls nothing by a `$` needs none of the modules with system tasks.
    settings = icarus.settings if "$" in expanded else icarus.bare_settings
    defparams = "".join(f"defparam:{root}.{key}={value}\n" for key, value in parameters.items())
    Path("settings").write_text(
        settings.replace("@ROOT@", root).replace("@OUT@", made) + defparams, encoding="utf-8"
    )
    status = _run(tools, [f"{icarus.base}/ivl", "-Csettings", "--", "-"], _EXPANDED, "output")
    if status == 0 and Path(made).exists():
        return ""
    if status in (-signal.SIGXCPU, -signal.SIGXFSZ):
        return _AT_LIMIT
    if status < 0:
        return f"{_STOPPED} {-status} (out of memory, or a crash)"
    return _said() or f"the compiler failed with exit code {status}"


def _run(tools: Tools, command: list[str], given: str, out: str) -> int:
    """Run a tool between two files; its exit code, negative for a signal. See _said.

    With files a flood is stopped by the limit of file size; subprocess takes 2 ms more.
    """
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, given, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, writing, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, _COMPLAINT, writing, 0o600),
    ]
    defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them
    placement.stay()
    pid = os.posix_spawn(command[0], command, {}, file_actions=files, setsigdef=defaults)
    placement.roam()
    placement.roam(pid)
    sandbox.bind(pid, tools.seconds)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if os.statvfs(".").f_bavail == 0:  # a tool may not have noticed
        raise OSError(errno.ENOSPC, "no space left in the working folder")
    if status == -signal.SIGKILL:  # no limit of ours ends a process this way
        raise OSError(errno.EINTR, f"{Path(command[0]).name} was killed from outside")
    return status


def _said() -> str:
    """What the last tool wrote on standard error."""
    with open(_COMPLAINT, "rb") as file:
        return file.read(20_000).decode(errors="replace").strip()


def _readable(complaint: str) -> str:
    """The compiler's first error, with the line of the completion."""
    lines = [line for line in complaint.splitlines() if line.strip()]
    # "sorry" is what Icarus says of what it does not support; the errors' count comes last.
    wrong = (line for line in lines if "sorry:" in line or "error" in line.lower())
    first = next(wrong, lines[0] if lines else "")
    return _WHERE.sub(r"line \1:", first)[:500]


def _join(better: str | None, plain: str) -> str:
    return f"{better} (compiler: {plain})" if better else plain
