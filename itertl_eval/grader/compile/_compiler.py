"""Run Icarus Verilog's preprocessor and compiler on one sample."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from itertl_eval.grader._job import DESIGN
from itertl_eval.grader.compile._icarus import Icarus
from itertl_eval.grader.isolation import affinity, housekeeping
from itertl_eval.problem import Given
from itertl_eval.verilog import slang

SOURCE = slang.FILE
_EXPANDED, _OUTPUT, _COMPLAINT = "expanded", "output", "complaint"
_SAID_BYTES = 20_000
_END_OF_GIVEN = "`resetall\n`timescale 1ns/1ps"
"""Ends a given file, so that its directives do not reach the design."""


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(frozen=True)
class Tools:
    """Preprocessor and compiler, and the CPU time in seconds that all runs of them may take."""

    icarus: Icarus
    seconds: float
    _before: float = field(default_factory=_children_seconds)

    @property
    def left(self) -> float:
        """CPU seconds that the next run may take; at least one, the least that can be set."""
        return max(1.0, self.seconds - (_children_seconds() - self._before))


@dataclass(frozen=True)
class Refusal:
    """Why there is no compiled design: what the compiler printed and how it ended."""

    said: str
    ending: Literal["refused", "limit", "memory", "crashed"] = "refused"


@dataclass(frozen=True)
class _Ended:
    """How a tool ended: exit code (negative for a signal) and peak memory in bytes."""

    status: int
    memory: int

    @property
    def used_up_memory(self) -> bool:
        """Whether it used so much memory that its limit, or the system, may have ended it."""
        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        return limit != resource.RLIM_INFINITY and self.memory > limit // 2


def expand(
    tools: Tools, prelude: Mapping[str, str], given: Given, design: str
) -> tuple[str | None, str]:
    """Preprocess all texts into one; return it, or None and the preprocessor's output.

    Args:
        tools: The preprocessor.
        prelude: Texts that precede the design, by name; they need no preprocessing.
        given: What else precedes it, and what it may include.
        design: The design's text.
    """
    modules = {name: f"{text}\n{_END_OF_GIVEN}" for name, text in given.modules.items()}
    sources = {**prelude, **modules, SOURCE: design}
    if "`" not in design and not any("`" in text for text in given.modules.values()):
        # Without a directive in the design the preprocessor would only join the files.
        text = "".join(f'`line 1 "{name}" 0\n{text}\n' for name, text in sources.items())
        Path(_EXPANDED).write_text(text, encoding="utf-8")
        return text, ""
    icarus = tools.icarus
    for name, text in {**sources, **given.includes}.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(f"{text}\n", encoding="utf-8")
    macros = "".join(f"D:{name}={value}\n" for name, value in given.defines.items())
    Path("defines").write_text(icarus.defines + macros, encoding="utf-8")
    Path("files").write_text("".join(f"{name}\n" for name in sources))
    command = [f"{icarus.base}/ivlpp", *icarus.preprocessor, "-Fdefines", "-ffiles"]
    if _run(tools, command, os.devnull, _EXPANDED).status:
        return None, _text_of(_COMPLAINT) or "the preprocessor failed"
    return Path(_EXPANDED).read_text(encoding="utf-8", errors="replace"), ""


def compile_design(
    tools: Tools, expanded: str, root: str, settings: Sequence[str] = ()
) -> Refusal | None:
    """Compile what `expand` has left into DESIGN; return why there is none, if so.

    Args:
        tools: The compiler.
        expanded: The preprocessed text.
        root: The root module.
        settings: Further lines of the compiler's settings.
    """
    icarus = tools.icarus
    # A design that calls nothing by a `$` needs none of the modules with system tasks.
    known = icarus.settings if "$" in expanded else icarus.bare_settings
    text = known.replace("@ROOT@", root).replace("@OUT@", DESIGN)
    text += "".join(f"{line}\n" for line in settings)
    Path("settings").write_text(text, encoding="utf-8")
    Path(DESIGN).unlink(missing_ok=True)
    ended = _run(tools, [f"{icarus.base}/ivl", "-Csettings", "--", "-"], _EXPANDED, _OUTPUT)
    if ended.status == 0 and Path(DESIGN).exists():
        return None
    said = "\n".join(filter(None, (_text_of(_COMPLAINT), _text_of(_OUTPUT))))
    if ended.status in (-signal.SIGXCPU, -signal.SIGXFSZ):
        return Refusal(said, "limit")
    if ended.status < 0:
        used_up = ended.used_up_memory or "bad_alloc" in said
        return Refusal(said, "memory" if used_up else "crashed")
    return Refusal(said or f"the compiler failed with exit code {ended.status}")


def require_working(tools: Tools) -> None:
    """Compile an empty module, to see whether tools that refused a design are broken themselves.

    What they printed can't tell: a design may imitate any message.

    Raises:
        OSError: They can't compile it either.
    """
    text, complaint = expand(tools, {}, Given(), "`define EMPTY empty\nmodule `EMPTY; endmodule")
    refusal = Refusal(complaint) if text is None else compile_design(tools, text, "empty")
    if refusal is not None:
        raise OSError(errno.EIO, f"{tools.icarus.name} compiles nothing: {refusal.said[:200]}")


def _run(tools: Tools, command: list[str], given: str, out: str) -> _Ended:
    """Run a tool between two files; its complaints go to a third.

    With files, the limit on file size stops a flood; subprocess takes 2 ms longer.
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
    housekeeping.bind(pid, tools.left)
    _, code, usage = os.wait4(pid, 0)
    status = os.waitstatus_to_exitcode(code)
    housekeeping.require_room(Path())
    ended = _Ended(status, usage.ru_maxrss * 1024)
    if status == -signal.SIGKILL and not ended.used_up_memory:  # no limit of ours ends it so
        raise OSError(errno.EINTR, f"{Path(command[0]).name} was killed from outside")
    return ended


def _text_of(file: str) -> str:
    """Return the start of what a tool wrote into a file."""
    with open(file, "rb") as opened:
        return opened.read(_SAID_BYTES).decode(errors="replace").strip()
