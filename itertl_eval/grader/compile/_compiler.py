"""_compiler."""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from itertl_eval.grader._job import DESIGN
from itertl_eval.grader.compile._icarus import Icarus
from itertl_eval.grader.isolation import affinity, sandbox
from itertl_eval.verilog import slang

_EXPANDED, _COMPLAINT = "expanded", "complaint"


SOURCE = slang.FILE


_WHERE = re.compile(rf"^(?:\S*/)?{re.escape(SOURCE)}:(\d+):")


AT_LIMIT = "the compiler was stopped at its time or file size limit"


STOPPED = "the compiler was stopped by signal"


@dataclass(frozen=True)
class Tools:
    """Preprocessor and compiler, and the seconds of processor time that each may take."""

    icarus: Icarus
    seconds: float


def expand(tools: Tools, sources: Mapping[str, str]) -> tuple[str | None, str]:
    """All sources as one preprocessed text, or None and the preprocessor's complaint."""
    if "`" not in sources[SOURCE]:
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


def compile_design(
    tools: Tools, expanded: str, root: str, parameters: Mapping[str, int], keep: bool = True
) -> str:
    """Make DESIGN of what expand has left; "" or what the compiler said when it refused."""
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
        return AT_LIMIT
    if status < 0:
        return f"{STOPPED} {-status} (out of memory, or a crash)"
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
    affinity.stay()
    pid = os.posix_spawn(command[0], command, {}, file_actions=files, setsigdef=defaults)
    affinity.roam()
    affinity.roam(pid)
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


def readable(complaint: str) -> str:
    """The compiler's first error, with the line of the completion."""
    lines = [line for line in complaint.splitlines() if line.strip()]
    # "sorry" is what Icarus says of what it does not support; the errors' count comes last.
    wrong = (line for line in lines if "sorry:" in line or "error" in line.lower())
    first = next(wrong, lines[0] if lines else "")
    return _WHERE.sub(r"line \1:", first)[:500]
