"""CVDP's published verdict where it can run without Docker: the exit codes of a row's scripts.

The scripts run as in the published container, with cocotb's own runner, pytest and no seeds of
ours, in the sandbox of this project. The folders /code and /src are folders in a private place;
their names in the scripts are replaced. A design can forge this verdict.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from itertl_eval._util.verilator import find_verilator
from itertl_eval._util.yosys import counting_yosys
from itertl_eval.grader.compile import find_icarus
from itertl_eval.grader.harness._places import is_library, moved, write
from itertl_eval.grader.harness._plan import PYTEST_OPTIONS
from itertl_eval.grader.harness._programs import exit_code
from itertl_eval.grader.isolation import FLOODED, Ending, Log
from itertl_eval.harness import Harness, Service
from itertl_eval.problem import Problem

_SECONDS = 600.0
"""The published limit of wall time for one service."""
_MISSING = {
    "verilator": "runs Verilator, which is missing (CVDP's image has version 5.038)",
    "yosys": "reads lines of Yosys's log that no `yosys` on the PATH writes: CVDP's image "
    "has 0.40, which does, as 0.23 does; 0.70 does not",
}
_FENCE = re.compile(r"```[^\n]*\n(.*?)```", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def published_files(harness: Harness, completion: str) -> dict[str, str] | None:
    """Return the files in a completion by CVDP's rules; None if it has no readable JSON.

    One file is the first fenced block, or the whole text. Several are between the first and the
    last brace, once control characters are deleted.
    """
    if len(harness.targets) == 1:
        block = _FENCE.search(completion)
        return {harness.targets[0]: block[1] if block else completion}
    text = completion[completion.find("{") : completion.rfind("}") + 1]
    try:
        entries = json.loads(_CONTROL.sub("", text))["code"]
        files = {str(name): str(code) for entry in entries for name, code in entry.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return {path: text for path, text in files.items() if path in harness.targets}


def published_label(problem: Problem, completion: str, *, unsafe: bool = False) -> str:
    """Return "passed", "not graded: ..." or why a completion fails by the published protocol.

    Args:
        problem: A problem with a harness.
        completion: What the model wrote.
        unsafe: Run without restricting access to files.

    Raises:
        OSError: The scripts could not be started.
    """
    harness = problem.harness
    assert harness is not None
    if harness.refused:
        return f"not graded: {harness.refused}"
    for service in harness.services:
        if service.tool and _program(service.tool) is None:
            return f"not graded: {service.script} {_MISSING[service.tool]}"
        if "cocotb.runner" in (harness.folder / service.script).read_text(encoding="utf-8"):
            return f"not graded: {service.script} needs the runner of cocotb 1"
    written = published_files(harness, completion)
    if written is None:
        return "failed: no readable JSON"
    failed = []
    for service in harness.services:
        with tempfile.TemporaryDirectory(prefix="itertl-published-") as own:
            outcome = _run(Path(own), harness, service, written, unsafe)
        if outcome:
            failed.append(f"{service.name}: {outcome}")
    return f"failed: {'; '.join(failed)}" if failed else "passed"


def _run(
    folder: Path,
    harness: Harness,
    service: Service,
    written: Mapping[str, str],
    unsafe: bool,
) -> str:
    """Run one service; return "" if its script ends with exit code 0, or how it ends."""
    for name in ("rtl", "docs", "verif", "rundir"):
        (folder / "code" / name).mkdir(parents=True)
    for path, text in {**harness.context, **written}.items():
        write(folder, f"code/{path}", text)
    for file in harness.folder.rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            write(folder, f"src/{file.relative_to(harness.folder)}", moved(text, folder))
    icarus = find_icarus()
    paths = [str(Path(tool).parent) for tool in (icarus.iverilog, icarus.vvp)]
    readables = ["/bin/sh", icarus.base, icarus.iverilog, icarus.vvp, *filter(is_library, sys.path)]
    script = str(folder / "src" / service.script)
    pytest = ["-m", "pytest", "-q", *PYTEST_OPTIONS] if service.pytest else []
    variables = {name: moved(text, folder) for name, text in service.environment.items()}
    if (program := _program(service.tool)) is not None:
        (folder / "bin").mkdir()
        (folder / "bin" / service.tool).symlink_to(program.path)
        paths.insert(0, str(folder / "bin"))
        readables += program.readables
        variables |= program.environment
    variables["PATH"] = ":".join([*paths, "/usr/bin", "/bin"])
    variables["WAVES"] = "0"  # their writer needs /tmp
    variables["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    command = [sys.executable, "-B", *pytest, script]
    with Log() as log:
        ending, code = exit_code(
            folder, command, variables, readables, log=log, seconds=_SECONDS, unsafe=unsafe
        )
    if ending is Ending.TIMEOUT:
        return "timed out"
    if ending is Ending.FLOODED:
        return FLOODED
    return "" if code == 0 else f"exit code {'?' if code is None else code}"


class _Program(NamedTuple):
    """A tool of the published container: its program, what it reads, its environment."""

    path: str
    readables: list[str]
    environment: dict[str, str]


@cache
def _program(tool: str) -> _Program | None:
    """Return the program that a script calls as "yosys" or "verilator"; None without one."""
    if tool == "verilator" and (found := find_verilator()) is not None:
        root = {"VERILATOR_ROOT": found.root} if found.root else {}
        return _Program(found.program, [found.program, found.root], root)
    if tool == "yosys" and (path := counting_yosys()) is not None:
        abc = [str(path.with_name("yosys-abc").resolve()), str(path.with_name("yosys-abc"))]
        share = str(path.parent.parent / "share" / "yosys")
        return _Program(str(path), [str(path), share, *abc], {})
    return None
